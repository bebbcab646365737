import type { EvalRun } from '@sluice/crds';
import { type ConfigMap, configMaps, FakeClock, type Job, jobs, keyOf, type KubeObject, networkPolicies, type ObjectKey, type Pod, pods, type PodStatus, type ResourceType } from '@sluice/kube';
import { beforeEach, describe, expect, test } from 'vitest';
import { evalRuns, evalSuites, releases } from '../resources.ts';
import { shardLabel, shardOf, shardOfPods } from '../sharding/shard.ts';
import { ChildWriter } from '../writes/child-writer.ts';
import { EvalRunReconciler, podsByEvalRun } from './reconciler.ts';
import { MemoryApi } from './testing/memory-api.ts';
import { silentPods } from './testing/silent-pods.ts';
import { evalRun, evalSuite, goodReport, now, revision, samplePod, terminated } from './testing/sample-run.ts';

const key = keyOf(evalRun());
const call = { signal: new AbortController().signal };

let api: MemoryApi;
let clock: FakeClock;

beforeEach(() => {
  api = new MemoryApi();
  clock = new FakeClock({ nowMs: now });
  api.put(evalSuites, evalSuite);
  give('blue');
});

/** The agent's EvalRun is of this shard from now on. */
function give(shard: string): void {
  const [run = evalRun()] = api.list<EvalRun>(evalRuns);
  api.put(evalRuns, placed(run, shard));
}

function placed<T extends KubeObject>(object: T, shard: string): T {
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, [shardLabel]: shard } } };
}

/** The operator of a shard: of what belongs to agents it sees what has its label. */
function operatorOf(shard: string): EvalRunReconciler {
  const seen = <T extends KubeObject>(type: ResourceType<T>, indexes = {}) => {
    const { store } = api.view(type, indexes);
    const own = (object: T | undefined) => (object !== undefined && shardOf(object) === shard ? object : undefined);
    return { get: (of: ObjectKey) => own(store.get(of)), list: () => store.list().filter((each) => own(each) !== undefined), byIndex: (index: string, value: string) => store.byIndex(index, value).filter((each) => own(each) !== undefined) };
  };
  return new EvalRunReconciler({
    client: api.client, children: new ChildWriter({ client: api.client, shard }), shard, evalRunType: evalRuns,
    stores: {
      evalRuns: seen(evalRuns), evalSuites: api.view(evalSuites).store, releases: seen(releases),
      configMaps: seen(configMaps), networkPolicies: seen(networkPolicies), jobs: seen(jobs), pods: seen(pods, podsByEvalRun),
    },
    revisions: { find: () => revision }, results: silentPods, clock,
  });
}

const status = () => api.list<EvalRun>(evalRuns)[0]?.status;
const job = (): Job => api.list<Job>(jobs)[0]!;
const posts = () => api.writes.filter((write) => write.startsWith('create')).length;

/** The Job controller makes the pod by the template of its Job, when it comes to it. */
function makePod(state: PodStatus): Pod {
  const pod = samplePod(state, { jobUid: job().metadata.uid! });
  return api.put(pods, { ...pod, metadata: { ...pod.metadata, labels: job().spec.template.metadata!.labels! } });
}

/** What a take-over does to the objects that are there. */
function takeOver(shard: string): void {
  give(shard);
  api.put(jobs, placed(job(), shard));
  for (const each of api.list<ConfigMap>(configMaps)) api.put(configMaps, placed(each, shard));
  for (const each of api.list(networkPolicies)) api.put(networkPolicies, placed(each, shard));
}

describe('an evaluation in a shard', () => {
  test('has the label of the shard on all it makes, the pods of its Job included', async () => {
    await operatorOf('blue').reconcile(key, call);
    expect([configMaps, networkPolicies, jobs].flatMap((type) => api.list(type)).map(shardOf)).toEqual(['blue', 'blue', 'blue']);
    expect(shardOfPods(job())).toBe('blue');
  });

  test('makes its objects once, and its verdict of the report', async () => {
    const blue = operatorOf('blue');
    await blue.reconcile(key, call);
    await blue.reconcile(key, call);
    await blue.reconcile(key, call);
    expect(posts()).toBe(3);
    makePod(terminated(JSON.stringify(goodReport)));
    await blue.reconcile(key, call);
    expect(status()).toMatchObject({ phase: 'Passed', report: goodReport });
  });
});

describe('an evaluation that is taken over from another shard', () => {
  test.each<[string, PodStatus]>([['while its pod is still to be made', { phase: 'Pending' }], ['when its pod is over', terminated(JSON.stringify(goodReport))]])('%s: the report of a pod with the label of the former shard is seen, and nothing is asked twice', async (_when, state) => {
    await operatorOf('blue').reconcile(key, call);
    takeOver('red');
    const red = operatorOf('red');
    await red.reconcile(key, call);
    const pod = makePod(state);
    await red.reconcile(key, call);
    api.put(pods, { ...api.list<Pod>(pods)[0]!, status: terminated(JSON.stringify(goodReport)) });
    api.put(jobs, { ...job(), status: { conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: new Date(now).toISOString() }] } });
    await clock.advance(60_000);
    await red.reconcile(key, call);
    expect(shardOf(api.list(pods)[0]!)).toBe('red');
    expect(api.list<Pod>(pods)[0]!.metadata.uid).toBe(pod.metadata.uid);
    expect(status()).toMatchObject({ phase: 'Passed', report: goodReport });
    expect(status()).not.toHaveProperty('attempt');
    expect(api.list(jobs)).toHaveLength(1);
  });

  test('asks for pods with another label only as long as it sees none', async () => {
    await operatorOf('blue').reconcile(key, call);
    takeOver('red');
    makePod({ phase: 'Running' });
    const red = operatorOf('red');
    await red.reconcile(key, call);
    const written = api.writes.length;
    const listed: string[] = [];
    Object.assign(api.client, { list: async (type: ResourceType) => (listed.push(type.kind), { items: [] }) });
    await red.reconcile(key, call);
    await red.reconcile(key, call);
    expect(listed).toEqual([]);
    expect(api.writes.slice(written)).toEqual([]);
  });

  test('a Job that the former operator makes late is found under its name, and nothing is made each second', async () => {
    const blue = operatorOf('blue');
    await blue.reconcile(key, call);
    give('red');
    const red = operatorOf('red');
    for (let look = 0; look < 6; look += 1) await red.reconcile(key, call);
    expect([configMaps, networkPolicies, jobs].flatMap((type) => api.list(type)).map(shardOf)).toEqual(['red', 'red', 'red']);
    const before = posts();
    for (let look = 0; look < 3; look += 1) await red.reconcile(key, call);
    expect(posts()).toBe(before);
    makePod(terminated(JSON.stringify(goodReport)));
    await red.reconcile(key, call);
    expect(status()).toMatchObject({ phase: 'Passed' });
  });

  test('a pod that has ended long ago is found with its Job, though no cache shows either yet', async () => {
    await operatorOf('blue').reconcile(key, call);
    makePod(terminated(JSON.stringify(goodReport)));
    api.put(jobs, { ...job(), status: { conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: new Date(now).toISOString() }] } });
    await clock.advance(3_600_000);
    give('red');
    const red = operatorOf('red');
    for (let look = 0; look < 6; look += 1) await red.reconcile(key, call);
    expect(status()).toMatchObject({ phase: 'Passed', report: goodReport });
    expect(api.list(jobs)).toHaveLength(1);
  });

  test('a pod of somebody else with the label of the run is left alone', async () => {
    await operatorOf('blue').reconcile(key, call);
    takeOver('red');
    const pod = samplePod({ phase: 'Running' }, { jobUid: 'another' });
    api.put(pods, { ...pod, metadata: { ...pod.metadata, labels: job().spec.template.metadata!.labels! } });
    await operatorOf('red').reconcile(key, call);
    expect(shardOf(api.list(pods)[0]!)).toBe('blue');
  });
});
