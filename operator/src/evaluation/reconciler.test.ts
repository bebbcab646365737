import type { EvalRun } from '@sluice/crds';
import { configMaps, FakeClock, jobs, keyOf, networkPolicies, pods, type EventNote, type Job, type NetworkPolicy, type Pod } from '@sluice/kube';
import type { ResultsPage } from '@sluice/evals/results';
import { beforeEach, describe, expect, test } from 'vitest';
import { evalRuns, evalSuites, releases } from '../resources.ts';
import { ChildWriter } from '../writes/child-writer.ts';
import { apiError } from '../writes/testing/bound-writes.ts';
import { EvalRunReconciler, type EvalRunReconcilerOptions, podsByEvalRun } from './reconciler.ts';
import { suiteDigest } from './suite-digest.ts';
import { Crash, MemoryApi, type CrashPoint } from './testing/memory-api.ts';
import { silentPods } from './testing/silent-pods.ts';
import { badReport, evalRun, evalSuite, frozenCases, goodReport, now, release, revision, samplePod, terminated } from './testing/sample-run.ts';

const key = keyOf(evalRun());
const call = { signal: new AbortController().signal };

let api: MemoryApi;
let clock: FakeClock;
let notes: EventNote[];
let reconciler: EvalRunReconciler;

beforeEach(() => {
  api = new MemoryApi();
  clock = new FakeClock({ nowMs: now });
  notes = [];
  reconciler = new EvalRunReconciler(options());
  api.put(evalSuites, evalSuite);
  api.put(evalRuns, evalRun());
});

const options = (): EvalRunReconcilerOptions => ({
  client: api.client,
  children: new ChildWriter({ client: api.client }),
  evalRunType: evalRuns,
  stores: {
    evalRuns: api.view(evalRuns).store, evalSuites: api.view(evalSuites).store, releases: api.view(releases).store,
    configMaps: api.view(configMaps).store, networkPolicies: api.view(networkPolicies).store, jobs: api.view(jobs).store, pods: api.view(pods, podsByEvalRun).store,
  },
  results: silentPods,
  revisions: { find: (...wanted) => (wanted.join('/') === 'shop/support/0123456789' ? revision : undefined) },
  clock,
  events: { record: (note) => void notes.push(note) },
});

const status = () => api.list<EvalRun>(evalRuns)[0]?.status;
const told = () => status()?.conditions?.map((condition) => `${condition.type} ${condition.status}`);

/** What the Job controller and the kubelet do: one pod that ends with `message`. */
function runPod(message: string): void {
  const [job] = api.list<Job>(jobs);
  if (job === undefined || api.list<Pod>(pods).length > 0) return;
  const pod = samplePod(terminated(message), { jobUid: job.metadata.uid! });
  api.put(pods, { ...pod, metadata: { ...pod.metadata, labels: job.spec.template.metadata!.labels! } });
}

describe('a run', () => {
  test('makes its objects, then its verdict, in four writes', async () => {
    await reconciler.reconcile(key, call);
    expect(status()?.phase).toBe('Pending');
    expect(told()).toEqual(['Ready False', 'Reconciling True', 'Stalled False']);
    runPod(JSON.stringify(goodReport));
    await reconciler.reconcile(key, call);
    expect(status()).toMatchObject({ phase: 'Passed', report: goodReport });
    await reconciler.reconcile(key, call);
    expect(told()).toEqual(['Ready True', 'Reconciling False', 'Stalled False']);
    expect(api.writes).toEqual(['create ConfigMap', 'create NetworkPolicy', 'create Job', 'status EvalRun', 'status EvalRun']);
    expect(notes.map(({ type, reason, note }) => [type, reason, note])).toEqual([['Normal', 'EvaluationPassed', 'suite "golden": 2 of 2 cases passed, 100 % needed']]);
  });

  test('writes nothing while nothing changes, and asks to be woken at its deadline', async () => {
    await reconciler.reconcile(key, call);
    await reconciler.reconcile(key, call);
    const written = api.writes.length;
    expect(await reconciler.reconcile(key, call)).toEqual({ requeueAfterMs: 360_000 });
    expect(api.writes).toHaveLength(written);
  });

  test('that is gone is no work', async () => {
    expect(await reconciler.reconcile({ namespace: 'shop', name: 'other' }, call)).toEqual({});
    expect(api.writes).toEqual([]);
  });

  test('that failed is announced as a warning', async () => {
    await reconciler.reconcile(key, call);
    runPod(JSON.stringify(badReport));
    await reconciler.reconcile(key, call);
    expect(notes.map(({ type, reason }) => [type, reason])).toEqual([['Warning', 'EvaluationFailed']]);
  });

  test('that ran out of time leaves no Job', async () => {
    await reconciler.reconcile(key, call);
    await clock.advance(360_000);
    await reconciler.reconcile(key, call);
    expect(status()?.phase).toBe('NotMeasured');
    await reconciler.reconcile(key, call);
    expect(api.list(jobs)).toEqual([]);
    await reconciler.reconcile(key, call);
    expect(api.writes.slice(-2)).toEqual(['status EvalRun', 'delete Job']);
  });
});

test('the Job of a release that has ended is stopped, and the run ends without a verdict', async () => {
  await reconciler.reconcile(key, call);
  api.put(releases, release('Superseded'));
  await reconciler.reconcile(key, call);
  expect(status()?.phase).toBe('NotMeasured');
  await reconciler.reconcile(key, call);
  expect(api.list(jobs)).toEqual([]);
  expect(status()?.message).toBe('suite "golden" was not measured: its Release "support-2" ended (Superseded) before there was a result');
});

describe('killed at any write', () => {
  const points: CrashPoint[] = [0, 1, 2, 3, 4].flatMap((write) => [{ write, when: 'before' as const }, { write, when: 'after' as const }]);

  test.each(points)('$when write $write it ends in the same place', async (crash) => {
    api.crash = crash;
    for (let look = 0; look < 6; look += 1) {
      await reconciler.reconcile(key, call).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error;
      });
      runPod(JSON.stringify(badReport));
    }
    const { conditions: _told, ...rest } = status()!;
    expect(told()).toEqual(['Ready False', 'Reconciling False', 'Stalled True']);
    expect(rest).toEqual({
      phase: 'Failed', message: 'suite "golden": 1 of 2 cases passed, 100 % needed; failed: refund-window (expected the answer to contain "30 days")',
      job: 'support-2-golden', startedAt: '2026-03-01T10:00:00.000Z', finishedAt: '2026-03-01T10:00:00.000Z', report: badReport,
    });
    expect(api.list(jobs)).toHaveLength(1);
    expect(api.list(configMaps)).toHaveLength(1);
    expect(api.list(networkPolicies)).toHaveLength(1);
  });

  test.each(points)('$when write $write no Job is ever there without its NetworkPolicy', async (crash) => {
    api.crash = crash;
    for (let look = 0; look < 4; look += 1) {
      await reconciler.reconcile(key, call).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error;
      });
      expect(api.list(networkPolicies).length).toBeGreaterThanOrEqual(api.list(jobs).length);
    }
    expect(api.list(jobs)).toHaveLength(1);
  });
});

describe('results that cannot be kept', () => {
  const page: ResultsPage = { state: 'Finished', results: ['{"c":"refund-window","r":1,"d":"sha256:0123456789ab","v":"P"}'], next: 1, count: 1 };
  const talking = () => new EvalRunReconciler({ ...options(), results: { read: async (_target, from) => (from === 0 ? page : { ...page, results: [] }) } });

  /** A run whose pod has told its results and left a report. */
  async function measured(): Promise<void> {
    await talking().reconcile(key, call);
    const [job] = api.list<Job>(jobs);
    const pod = samplePod({ ...terminated(JSON.stringify(goodReport)), phase: 'Running', podIP: '10.0.0.1' }, { jobUid: job!.metadata.uid! });
    api.put(pods, { ...pod, metadata: { ...pod.metadata, labels: job!.spec.template.metadata!.labels! } });
  }

  test.each([
    ['invalid', apiError(422, 'Invalid', 'ConfigMap "x" is invalid: []: Too long: may not be more than 1048576 bytes')],
    ['forbidden', apiError(403, 'Forbidden', 'exceeded quota: count/configmaps')],
  ])('%s: the run ends, is no pass, and says what the API server said', async (_, refusal) => {
    await measured();
    api.refusal = refusal;
    await talking().reconcile(key, call);
    expect(status()).toMatchObject({ phase: 'NotMeasured', finishedAt: expect.any(String), message: `suite "golden" was not measured: the API server refused an object of the run: ${refusal.message}` });
    expect(status()).not.toHaveProperty('results');
  });

  test('an API server that is away: the error goes to the queue, and the run ends with its results once it is back', async () => {
    await measured();
    api.refusal = apiError(503, 'ServiceUnavailable');
    await expect(talking().reconcile(key, call)).rejects.toThrow('ServiceUnavailable');
    api.refusal = undefined;
    await talking().reconcile(key, call);
    expect(status()).toMatchObject({ phase: 'Passed', results: { chunks: 1 } });
  });
});

test('a ConfigMap of cases that is not there is waited for, and no pod is made before it comes', async () => {
  const spec = { ...evalSuite.spec, casesFrom: [{ configMap: { name: 'more', key: 'cases.jsonl' } }] };
  const run = evalRun();
  api.put(evalSuites, { ...evalSuite, spec });
  api.put(evalRuns, { ...run, spec: { ...run.spec, suite: { name: 'golden', digest: suiteDigest(spec) } } });
  await reconciler.reconcile(key, call);
  expect([api.list(jobs), status()?.message]).toEqual([[], 'suite "golden" waits: ConfigMap "more" does not exist in this namespace (spec.casesFrom[0].configMap.name of EvalSuite "golden"); create it']);
  api.put(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: key.namespace, name: 'more' }, data: { 'cases.jsonl': '' } });
  await reconciler.reconcile(key, call);
  expect(api.list(jobs)).toHaveLength(1);
});

describe('objects that cannot be made', () => {
  test.each([
    ['invalid', apiError(422, 'Invalid', 'Job "x" is invalid: spec.template.spec.volumes[0].name: Required value')],
    ['forbidden', apiError(403, 'Forbidden', 'exceeded quota: count/jobs.batch')],
  ])('%s: the run says what the API server said', async (_, refusal) => {
    api.refusal = refusal;
    await reconciler.reconcile(key, call);
    expect(status()).toMatchObject({ phase: 'NotMeasured', message: `suite "golden" was not measured: the API server refused an object of the run: ${refusal.message}` });
  });

  test('an API server that is away: the error goes to the queue, which tries again', async () => {
    api.refusal = apiError(503, 'ServiceUnavailable');
    await expect(reconciler.reconcile(key, call)).rejects.toThrow('ServiceUnavailable');
    expect(status()).toBeUndefined();
  });

  test("an object of somebody else that the cache leaves out ends the run", async () => {
    api.hidden.add('ConfigMap');
    api.put(configMaps, { ...frozenCases(), metadata: { name: key.name, namespace: key.namespace } });
    await reconciler.reconcile(key, call);
    expect(status()?.message).toBe('suite "golden" was not measured: ConfigMap "support-2-golden" exists and does not belong to this run; delete it');
    expect(api.list(jobs)).toEqual([]);
  });

  test('an own object that the cache does not show yet is waited for', async () => {
    api.hidden.add('ConfigMap');
    await reconciler.reconcile(key, call);
    expect(await reconciler.reconcile(key, call)).toMatchObject({});
    api.hidden.clear();
    runPod(JSON.stringify(goodReport));
    await reconciler.reconcile(key, call);
    expect(status()?.phase).toBe('Passed');
    expect(api.list(configMaps)).toHaveLength(1);
  });
});

describe('a hand on the NetworkPolicy of a run that is under way', () => {
  test.each<[string, (spec: NetworkPolicy['spec']) => NetworkPolicy['spec']]>([
    ['opens it', (spec) => ({ ...spec, egress: [...(spec.egress ?? []), {}] })],
    ['lets others in', (spec) => ({ ...spec, ingress: [{}] })],
    ['takes the pod out of it', (spec) => ({ ...spec, podSelector: { matchLabels: { ...spec.podSelector.matchLabels, other: 'pod' } } })],
  ])('is undone where it %s', async (_, edit) => {
    await reconciler.reconcile(key, call);
    await reconciler.reconcile(key, call);
    const [policy] = api.list<NetworkPolicy>(networkPolicies);
    const written = api.writes.length;
    api.put(networkPolicies, { ...policy!, spec: edit(policy!.spec) });
    await reconciler.reconcile(key, call);
    await reconciler.reconcile(key, call);
    expect(api.list<NetworkPolicy>(networkPolicies)[0]?.spec).toEqual(policy!.spec);
    expect(api.writes.slice(written)).toHaveLength(1);
  });
});

test('a Job that changed since it was looked at is not deleted', async () => {
  await reconciler.reconcile(key, call);
  api.put(releases, release('Superseded'));
  await reconciler.reconcile(key, call);
  const [job] = api.list<Job>(jobs);
  const behind = { ...api.view(jobs).store, get: () => job };
  api.put(jobs, { ...job!, status: { active: 1 } });
  await expect(new EvalRunReconciler({ ...options(), stores: { ...options().stores, jobs: behind } }).reconcile(key, call)).rejects.toThrow('Conflict');
  expect(api.list(jobs)).toHaveLength(1);
});

test('a status that somebody else changed in between is not written over', async () => {
  const stale = api.list<EvalRun>(evalRuns)[0]!;
  const behind = new EvalRunReconciler({ ...options(), stores: { ...options().stores, evalRuns: { get: () => stale, list: () => [stale] } } });
  api.put(evalRuns, { ...stale, status: { phase: 'Passed', message: 'done' } });
  await expect(behind.reconcile(key, call)).rejects.toThrow('Conflict');
  expect(status()).toEqual({ phase: 'Passed', message: 'done' });
});
