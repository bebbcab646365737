import { gunzipSync } from 'node:zlib';
import type { EvalRun, EvalRunStatus } from '@sluice/crds';
import { keptLine, type ResultsPage, type SampleResult } from '@sluice/evals/results';
import { type ConfigMap, configMaps, FakeClock, type Job, jobs, keyOf, networkPolicies, type Pod, pods, type PodStatus } from '@sluice/kube';
import { beforeEach, describe, expect, test } from 'vitest';
import { evalRuns, evalSuites, releases } from '../resources.ts';
import { ChildWriter } from '../writes/child-writer.ts';
import { chunkLength } from './kept.ts';
import { EvalRunReconciler, podsByEvalRun } from './reconciler.ts';
import { MemoryApi } from './testing/memory-api.ts';
import { evalRun, evalSuite, goodReport, now, revision, samplePod, terminated } from './testing/sample-run.ts';

const key = keyOf(evalRun());
const call = { signal: new AbortController().signal };
const running: PodStatus = { phase: 'Running', podIP: '10.0.0.9' };

let api: MemoryApi;
let clock: FakeClock;
let reconciler: EvalRunReconciler;
/** What the pod tells, and what it was asked. */
let page: ResultsPage | undefined;
let asked: unknown[];
/** Whose pod is waited for, and from where on. */
let followed: unknown[];

beforeEach(() => {
  api = new MemoryApi();
  clock = new FakeClock({ nowMs: now });
  [page, asked, followed] = [undefined, [], []];
  reconciler = new EvalRunReconciler({
    client: api.client, children: new ChildWriter({ client: api.client }), evalRunType: evalRuns,
    stores: {
      evalRuns: api.view(evalRuns).store, evalSuites: api.view(evalSuites).store, releases: api.view(releases).store,
      configMaps: api.view(configMaps).store, networkPolicies: api.view(networkPolicies).store, jobs: api.view(jobs).store, pods: api.view(pods, podsByEvalRun).store,
    },
    revisions: { find: () => revision }, clock,
    results: { read: async (target, from) => (asked.push([target, from]), page) },
    watch: { follow: ({ name }, { pod, from, carried }) => void followed.push([name, pod, from, carried]) },
  });
  api.put(evalSuites, evalSuite);
  api.put(evalRuns, evalRun());
});

const look = async (times = 1) => {
  for (let time = 0; time < times; time += 1) await reconciler.reconcile(key, call);
  return status();
};
const status = (): EvalRunStatus => api.list<EvalRun>(evalRuns)[0]?.status ?? {};
const job = (): Job => api.list<Job>(jobs)[0]!;
const result = (name: string): SampleResult => ({ case: name, repeat: 1, digest: 'sha256:0', verdict: 'Pass', score: 1, reason: '', hard: false, weight: 1, tags: [] });
const lines = (...names: readonly string[]) => names.map((name) => keptLine(result(name)));
const tells = (names: readonly string[], from = 0, state: ResultsPage['state'] = 'Running'): ResultsPage =>
  ({ state, results: lines(...names).slice(from), next: names.length, count: names.length, progress: { done: names.length, total: 500, failed: 2, errored: 0, resumed: 0, elapsedMs: 1000 } });
const chunks = () => api.list<ConfigMap>(configMaps).filter(({ metadata }) => metadata.name.includes('-results-'));
const held = (chunk: ConfigMap) => gunzipSync(Buffer.from(chunk.binaryData!['results.jsonl.gz']!, 'base64')).toString().trimEnd().split('\n');

/** A pod of the Job as it is now. */
function runPod(state: PodStatus, uid = 'pod-1'): Pod {
  const pod = samplePod(state, { jobUid: job().metadata.uid! });
  return api.put(pods, { ...pod, metadata: { ...pod.metadata, name: uid, uid, labels: job().spec.template.metadata!.labels! } });
}

describe('a run under way', () => {
  test('says how far it is, and keeps what its pod tells: nothing is asked for twice', async () => {
    await look();
    runPod(running);
    page = tells(['a', 'b']);
    expect(await look()).toMatchObject({ phase: 'Running', message: 'suite "golden" is running: 2/500, 2 failed, 4 min left', progress: { done: 2, total: 500, failed: 2, errored: 0 }, results: { chunks: 0, pod: 'pod-1', read: 2, complete: false } });
    page = tells(['a', 'b', 'c'], 2);
    expect((await look()).results?.tail).toBe(`${lines('a', 'b', 'c').join('\n')}\n`);
    expect(asked).toEqual([[{ ip: '10.0.0.9', port: 8080, token: 'run-1' }, 0], [{ ip: '10.0.0.9', port: 8080, token: 'run-1' }, 2]]);
  });

  test('is followed from what is stored on, until its pod has ended or says no more', async () => {
    await look();
    runPod(running);
    await look();
    expect(followed).toEqual([]);
    page = tells(['a', 'b']);
    await look();
    page = tells(['a', 'b'], 2);
    await look();
    const carried = status().results?.tail?.length;
    expect(carried).toBeGreaterThan(0);
    expect(followed).toEqual([['support-2-golden', 'pod-1', 2, carried], ['support-2-golden', 'pod-1', 2, carried]]);
    page = tells(['a', 'b'], 2, 'Finished');
    await look();
    runPod(terminated(JSON.stringify(goodReport)));
    await look(2);
    expect(status().phase).toBe('Passed');
    expect(followed).toHaveLength(2);
  });

  test('that tells nothing is asked every second for a minute, and then as all are', async () => {
    await look();
    runPod(running);
    expect(await reconciler.reconcile(key, call)).toEqual({ requeueAfterMs: 1_000 });
    await clock.advance(60_000);
    expect(await reconciler.reconcile(key, call)).toEqual({ requeueAfterMs: 5_000 });
  });

  test('asks again soon, and at once where the pod waits for it', async () => {
    await look();
    runPod(running);
    page = tells(['a']);
    expect(await reconciler.reconcile(key, call)).toEqual({ requeueAfterMs: 5_000 });
    page = tells(['a'], 1, 'Finished');
    expect(await reconciler.reconcile(key, call)).toEqual({ requeueAfterMs: 250 });
    expect(status().results?.complete).toBe(true);
  });

  test('moves many results out of its status into ConfigMaps that are its own', async () => {
    await look();
    runPod(running);
    const names = Array.from({ length: Math.ceil(chunkLength / 40) }, (_, index) => `case-${String(index).padStart(6, '0')}`);
    page = tells(names);
    await look();
    expect(status().results).toMatchObject({ chunks: 1 });
    expect(status().results?.tail).toBeUndefined();
    expect(held(chunks()[0]!)).toEqual(lines(...names).slice(0, status().results?.read));
    expect(chunks()[0]).toMatchObject({ immutable: true, metadata: { name: 'support-2-golden-results-0', ownerReferences: [{ uid: 'run-1' }] } });
  });

  test('keeps its results when it is over and the pod is gone', async () => {
    await look();
    const pod = runPod(running);
    page = tells(['a', 'b'], 0, 'Finished');
    await look();
    page = undefined;
    api.put(pods, { ...pod, status: terminated(JSON.stringify(goodReport)) });
    expect(await look()).toMatchObject({ phase: 'Passed', results: { chunks: 1, complete: true } });
    expect(status().results).not.toHaveProperty('tail');
    expect(held(chunks()[0]!)).toEqual(lines('a', 'b'));
  });

  test('is not measured where somebody else has the name of its results', async () => {
    await look();
    const pod = runPod(running);
    page = tells(['a'], 0, 'Finished');
    await look();
    api.put(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'support-2-golden-results-0', namespace: 'shop' } });
    page = undefined;
    api.put(pods, { ...pod, status: terminated(JSON.stringify(goodReport)) });
    expect(await look()).toMatchObject({ phase: 'NotMeasured', message: expect.stringContaining('ConfigMap "support-2-golden-results-0" exists and does not belong to this run; delete it') });
  });
});

describe('a pod that is lost', () => {
  const disrupted: PodStatus = { phase: 'Failed', reason: 'Evicted', conditions: [{ type: 'DisruptionTarget', status: 'True' }] };
  const killed = terminated(undefined, { exitCode: 137, reason: 'OOMKilled' });

  async function lose(state: PodStatus, names: readonly string[] = ['a', 'b']): Promise<EvalRunStatus> {
    await look();
    const pod = runPod(running);
    page = tells(names);
    if (names.length > 0) await look();
    page = undefined;
    api.put(pods, { ...pod, status: state });
    return look();
  }

  test.each([['taken away by the cluster', disrupted], ['killed', killed]])('that was %s is followed by one that knows what is kept', async (_how, state) => {
    const first = () => job().metadata.uid;
    expect(await lose(state)).toMatchObject({ phase: 'Pending', attempt: 2, message: 'suite "golden" goes on in another pod (number 2), because its pod was lost', results: { chunks: 0, read: 0 } });
    const before = first();
    await clock.advance(30_000);
    await look(4);
    expect(first()).not.toBe(before);
    expect(held(chunks()[0]!)).toEqual(lines('a', 'b'));
    const { volumes = [], containers: [container] } = job().spec.template.spec;
    expect(job().metadata.annotations).toEqual({ 'sluice.dev/attempt': '2' });
    expect(volumes.find(({ name }) => name === 'sluice-eval-kept')).toMatchObject({ projected: { sources: [{ configMap: { name: 'support-2-golden-results-0' } }] } });
    expect(container?.env).toEqual(expect.arrayContaining([{ name: 'SLUICE_EVAL_KEPT_FOLDER', value: '/etc/sluice/eval-kept' }, { name: 'SLUICE_EVAL_SPENT_SECONDS', value: '30' }]));
  });

  test('that brought nothing and died by itself is not tried again', async () => {
    expect(await lose(killed, [])).toMatchObject({ phase: 'NotMeasured', message: expect.stringContaining('ran out of memory (OOMKilled)') });
  });

  test('that brought nothing is replaced where the cluster took it', async () => {
    expect(await lose(disrupted, [])).toMatchObject({ phase: 'Pending', attempt: 2 });
  });

  test.each([['killed', killed, 4], ['taken away', disrupted, 10]])('that is %s again and again is followed by a bounded number', async (_how, state, most) => {
    await look();
    const { metadata } = api.list<EvalRun>(evalRuns)[0]!;
    api.put(evalRuns, { ...evalRun(), metadata, status: { ...status(), attempt: most } });
    api.put(jobs, { ...job(), metadata: { ...job().metadata, annotations: { 'sluice.dev/attempt': String(most) } } });
    expect(await lose(state)).not.toMatchObject({ attempt: most + 1 });
  });
});
