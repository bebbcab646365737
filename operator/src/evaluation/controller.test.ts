import type { AgentDeployment, EvalRun } from '@sluice/crds';
import { configMaps, FakeClock, jobs, networkPolicies, pods, type Job, type NetworkPolicy } from '@sluice/kube';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { agentDeployments as agents, evalRuns, evalSuites, releases } from '../resources.ts';
import { evalRunController } from './controller.ts';
import { podsByEvalRun } from './reconciler.ts';
import { MemoryApi } from './testing/memory-api.ts';
import { silentPods } from './testing/silent-pods.ts';
import { evalRun, evalSuite, goodReport, now, release, revision, samplePod, terminated } from './testing/sample-run.ts';

/** Milliseconds: a bound for a broken test, far above what a busy machine needs. */
const patience = { timeout: 20_000, interval: 5 };

let api: MemoryApi;
let clock: FakeClock;
/** What pods say of their results. */
let talking: typeof silentPods;
let stop: AbortController;
let running: Promise<void>;

beforeEach(() => {
  api = new MemoryApi();
  clock = new FakeClock({ nowMs: now });
  talking = silentPods;
  stop = new AbortController();
  const controller = evalRunController({
    client: api.client,
    informers: {
      evalRuns: api.view(evalRuns), evalSuites: api.view(evalSuites), releases: api.view(releases), configMaps: api.view(configMaps),
      networkPolicies: api.view(networkPolicies), jobs: api.view(jobs), pods: api.view(pods, podsByEvalRun),
    },
    agents: api.view(agents),
    results: { read: (...asked) => talking.read(...asked), more: (...asked) => talking.more(...asked) },
    revisions: { find: () => revision },
    clock,
  });
  running = controller.run({ signal: stop.signal });
  api.put(agents, agent(false, 1));
});
afterEach(async () => {
  stop.abort();
  await running;
});

const agent = (suspend: boolean, generation: number, name = evalRun().spec.agentName) =>
  ({ apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', metadata: { namespace: 'shop', name, generation }, spec: { suspend } }) as unknown as AgentDeployment;

const status = () => api.list<EvalRun>(evalRuns)[0]?.status;

test('a run, its suite and its pod each wake the run, with no time passing', { timeout: 60_000 }, async () => {
  api.put(evalRuns, evalRun());
  await vi.waitFor(() => expect(status()?.message).toBe('waiting: EvalSuite "golden" does not exist'), patience);
  api.put(evalSuites, evalSuite);
  await vi.waitFor(() => expect(status()?.message).toBe('suite "golden" waits for its pod to start'), patience);
  const [job] = api.list<Job>(jobs);
  api.put(pods, samplePod(terminated(JSON.stringify(goodReport)), { jobUid: job!.metadata.uid! }));
  await vi.waitFor(() => expect(status()?.phase).toBe('Passed'), patience);
});

test('what its pod finds out wakes the run, which is not woken by what it writes of that', { timeout: 60_000 }, async () => {
  const lines = ['{"c":"refund-window"}', '{"c":"no-discount"}'];
  let told = 1;
  let reads = 0;
  let moreComes = (_news: 'More'): void => undefined;
  talking = {
    read: async (_target, from) => {
      reads += 1;
      return { state: 'Running', results: lines.slice(from, told), next: told, count: told };
    },
    more: () => new Promise((resolve) => {
      moreComes = resolve;
    }),
  };
  api.put(evalSuites, evalSuite);
  api.put(evalRuns, evalRun());
  await vi.waitFor(() => expect(status()?.message).toBe('suite "golden" waits for its pod to start'), patience);
  api.put(pods, samplePod({ phase: 'Running', podIP: '10.0.0.9' }, { jobUid: api.list<Job>(jobs)[0]!.metadata.uid! }));
  // For its pod, and because it is Running then.
  await vi.waitFor(() => expect([status()?.results?.read, reads]).toEqual([1, 2]), patience);
  told = 2;
  moreComes('More');
  await vi.waitFor(async () => {
    await clock.advance(50);
    expect(status()?.results?.read).toBe(2);
  }, patience);
  expect(reads).toBe(3);
});

test('the deletion of its Job wakes the run, which makes it again', { timeout: 60_000 }, async () => {
  api.put(evalSuites, evalSuite);
  api.put(evalRuns, evalRun());
  await vi.waitFor(() => expect(status()?.message).toBe('suite "golden" waits for its pod to start'), patience);
  const [first] = api.list<Job>(jobs);
  await api.client.delete(jobs, { namespace: 'shop', name: first!.metadata.name }, {}, { signal: stop.signal });
  await vi.waitFor(() => expect(api.list<Job>(jobs)[0]?.metadata.uid).toMatch(/^uid-/), patience);
  expect(api.list<Job>(jobs)[0]?.metadata.uid).not.toBe(first!.metadata.uid);
});

test('the end of its release wakes the run, which stops its Job', { timeout: 60_000 }, async () => {
  api.put(evalSuites, evalSuite);
  api.put(releases, release('Evaluating'));
  api.put(evalRuns, evalRun());
  await vi.waitFor(() => expect(status()?.message).toBe('suite "golden" waits for its pod to start'), patience);
  api.put(releases, release('Superseded'));
  await vi.waitFor(() => expect(status()?.message).toBe('suite "golden" was not measured: its Release "support-2" ended (Superseded) before there was a result'), patience);
  await vi.waitFor(() => expect(api.list(jobs)).toEqual([]), patience);
});

test('the deletion of its NetworkPolicy wakes the run, which makes it again', { timeout: 60_000 }, async () => {
  api.put(evalSuites, evalSuite);
  api.put(evalRuns, evalRun());
  await vi.waitFor(() => expect(status()?.message).toBe('suite "golden" waits for its pod to start'), patience);
  const [first] = api.list<NetworkPolicy>(networkPolicies);
  await api.client.delete(networkPolicies, { namespace: 'shop', name: first!.metadata.name }, {}, { signal: stop.signal });
  await vi.waitFor(() => expect(api.list<NetworkPolicy>(networkPolicies)[0]?.metadata.uid).toMatch(/^uid-/), patience);
  expect(api.list<NetworkPolicy>(networkPolicies)[0]?.metadata.uid).not.toBe(first!.metadata.uid);
});

/** Puts the run, and the run of another agent: that it is answered says that this one was looked at. */
async function putLookedAt(): Promise<void> {
  api.put(agents, agent(false, 1, 'other'));
  api.put(evalSuites, evalSuite);
  api.put(evalRuns, evalRun());
  api.put(evalRuns, { ...evalRun(), metadata: { ...evalRun().metadata, name: 'other', uid: 'uid-other' }, spec: { ...evalRun().spec, agentName: 'other' } });
  await vi.waitFor(() => expect(api.list<EvalRun>(evalRuns).find(({ metadata }) => metadata.name === 'other')?.status?.phase).toBeDefined(), patience);
}

test('nothing is done for a run of a suspended agent, and its resumption wakes the run', { timeout: 60_000 }, async () => {
  api.put(agents, agent(true, 2));
  await putLookedAt();
  expect(status()).toBeUndefined();
  api.put(agents, agent(false, 3));
  await vi.waitFor(() => expect(status()?.message).toBe('suite "golden" waits for its pod to start'), patience);
});

test('nothing is done for a run whose agent is not of this shard, until it is', { timeout: 60_000 }, async () => {
  await api.client.delete(agents, { namespace: 'shop', name: evalRun().spec.agentName }, {}, { signal: stop.signal });
  await putLookedAt();
  expect(status()).toBeUndefined();
  api.put(agents, agent(false, 1));
  await vi.waitFor(() => expect(status()?.message).toBe('suite "golden" waits for its pod to start'), patience);
});

test('nothing is done for a run whose agent is still being taken over, and the end of that wakes the run', { timeout: 60_000 }, async () => {
  const underWay = { ...agent(false, 2), status: { takeOver: '17' } };
  api.put(agents, underWay);
  await putLookedAt();
  expect(status()).toBeUndefined();
  api.put(agents, { ...underWay, status: {} });
  await vi.waitFor(() => expect(status()?.message).toBe('suite "golden" waits for its pod to start'), patience);
});
