import type { AgentDeployment, Release } from '@sluice/crds';
import { type KubeObject, type Pod, silentLogger } from '@sluice/kube';
import { FakeClock } from '@sluice/kube/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caches } from '../caches.ts';
import type { PodTarget } from '../evidence/index.ts';
import { releaseIn } from '../release/testing/observations.ts';
import { sampleAgent } from '../revision/testing/sample-agent.ts';
import type { PodCounters } from '../evidence/pod-counters.ts';
import type { ReadRequest } from '../evidence/pod-reader.ts';
import { ProviderStandings, providerUnavailable } from './provider-standings.ts';
import { ProviderWatch } from './provider-watch.ts';

const namespace = 'shop';
const fine: PodCounters = { processStart: 1, outcomes: { success: 100, degraded: 0, error: 0, timeout: 0, overloaded: 0, rejected: 0, cancelled: 0 }, providerFailures: 0, circuit: 'Closed', buckets: [] };
const answered = (counters: PodCounters, success: number): PodCounters => ({ ...counters, outcomes: { ...counters.outcomes, success } });
const broken: PodCounters = { ...fine, outcomes: { ...fine.outcomes, success: 110, error: 90 }, providerFailures: 90, circuit: 'Open' };

let clock: FakeClock;
let standings: ProviderStandings;
let agents: AgentDeployment[];
let releases: Release[];
let pods: Pod[];
/** What a pod tells; undefined: it cannot be read. */
let tell: (pod: PodTarget) => PodCounters | undefined;
let told: string[];
let read: string[];
/** How often something was looked up by its agent, by kind. */
let lookUps: Record<string, number>;
let stop: AbortController;
let running: Promise<void>;

function agentOf(name: string): AgentDeployment {
  const sample = sampleAgent();
  return { ...sample, metadata: { ...sample.metadata, namespace, name, uid: `uid-${name}` } };
}

function releaseOf(name: string, phase: 'Promoted' | 'Shifting'): Release {
  const release = releaseIn({ phase });
  const owner = { apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', name, uid: `uid-${name}`, controller: true };
  return { ...release, metadata: { ...release.metadata, name: `${name}-1`, namespace, ownerReferences: [owner] }, spec: { ...release.spec, agentName: name, revision: 'one' } };
}

function podOf(agent: string, index: number): Pod {
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name: `${agent}-${index}`, uid: `${agent}-${index}`, labels: { 'sluice.dev/agent': agent, 'sluice.dev/revision': 'one' } }, spec: { containers: [] },
    status: { phase: 'Running', podIP: `10.0.0.${index}`, startTime: '2026-11-23T00:00:00Z', containerStatuses: [{ name: 'agent', started: true }] },
  } as unknown as Pod;
}

const nameOf = (each: KubeObject): string | undefined => (each.kind === 'Release' ? (each as Release).spec.agentName : each.metadata.labels?.['sluice.dev/agent']);

function cachesOf(): Caches {
  const store = <T extends KubeObject>(all: () => readonly T[], kind: string) => ({
    store: { list: () => all(), get: ({ name }: { readonly name: string }) => all().find(({ metadata }) => metadata.name === name), byIndex: (_index: string, key: string) => {
      lookUps[kind] = (lookUps[kind] ?? 0) + 1;
      return all().filter((each) => `${namespace}/${nameOf(each) ?? ''}` === key);
    } },
  });
  return { agents: store(() => agents, 'agents'), releases: store(() => releases, 'releases'), pods: store(() => pods, 'pods') } as unknown as Caches;
}

beforeEach(() => {
  clock = new FakeClock();
  standings = new ProviderStandings();
  agents = [agentOf('support')];
  releases = [releaseOf('support', 'Promoted')];
  pods = [1, 2, 3].map((index) => podOf('support', index));
  tell = () => fine;
  [told, read, lookUps] = [[], [], {}];
  stop = new AbortController();
});

function start(): void {
  const reader = { read: async ({ stable }: ReadRequest) => {
    read.push(...stable.map(({ uid }) => uid));
    return { stable: stable.map((target) => ({ target, counters: tell(target) })), canary: [] };
  } };
  running = new ProviderWatch({ caches: [cachesOf()], clock, logger: silentLogger, standings, reader, tell: ({ name }) => told.push(name) }).run({ signal: stop.signal });
}

afterEach(async () => {
  stop.abort(new Error('the test has ended'));
  await running;
});

const standing = () => standings.of(agents[0]!, 'one').kind;

describe('the provider watch', () => {
  it('reads two pods every half minute, and has nothing to tell of one that is served', async () => {
    start();
    await clock.advance(90_000);
    expect(read).toEqual(['support-1', 'support-2', 'support-1', 'support-2', 'support-1', 'support-2']);
    expect([told, standing()]).toEqual([[], 'Reached']);
  });

  it('tells of an outage after a second look at all pods, once, and of its end', async () => {
    start();
    await clock.advance(30_000);
    tell = () => broken;
    read = [];
    await clock.advance(30_000);
    expect([told, standing()]).toEqual([[], 'Reached']);
    await clock.advance(11_000);
    expect([told, standing()]).toEqual([['support'], 'CutOff']);
    expect(read).toEqual(['support-1', 'support-2', 'support-1', 'support-2', 'support-3']);
    await clock.advance(240_000);
    expect(told).toEqual(['support']);
    tell = () => ({ ...answered(broken, 310), circuit: 'Closed' });
    await clock.advance(120_000);
    expect([told, standing()]).toEqual([['support', 'support'], 'Reached']);
  });

  it('takes no circuit that was open for a moment for an outage', async () => {
    tell = () => broken;
    start();
    await clock.advance(30_000);
    tell = () => answered(fine, 300);
    await clock.advance(11_000);
    expect([told, standing()]).toEqual([[], 'Reached']);
  });

  it('finds the first agent of a cluster soon', async () => {
    const [agent] = agents;
    agents = [];
    start();
    await clock.advance(10_000);
    agents = [agent!];
    await clock.advance(32_000);
    expect(read).toEqual(['support-1', 'support-2']);
  });

  it('says nothing of pods that it cannot read, and takes back nothing for them', async () => {
    tell = () => undefined;
    start();
    await clock.advance(120_000);
    expect(standing()).toBe('Unknown');
    tell = () => broken;
    await clock.advance(41_000);
    tell = () => undefined;
    await clock.advance(300_000);
    expect([told, standing()]).toEqual([['support'], 'CutOff']);
  });

  it.each<readonly [string, () => void]>([
    ['whose release looks for itself', () => { releases = [releaseOf('support', 'Promoted'), { ...releaseOf('support', 'Shifting'), metadata: { ...releaseOf('support', 'Shifting').metadata, name: 'support-2' } }]; }],
    ['that is suspended', () => { agents = [{ ...agents[0]!, spec: { ...agents[0]!.spec, suspend: true } }]; }],
    ['that serves nobody yet', () => { releases = []; }],
    ['without pods', () => { pods = []; }],
  ])('leaves an agent alone %s', async (_title, change) => {
    change();
    tell = () => broken;
    start();
    await clock.advance(240_000);
    expect([read, told]).toEqual([[], []]);
  });

  it('does not look through the releases of an agent whose pods cannot be read', async () => {
    pods = pods.map((pod) => ({ ...pod, status: { ...pod.status, containerStatuses: [] } }));
    start();
    await clock.advance(90_000);
    expect([read, lookUps]).toEqual([[], { pods: 3 }]);
  });

  it.each([[1, 2], [30, 60], [31, 32], [90, 60], [300, 60]])('wakes once a second at most, and looks at %i agents in half a minute, or as fast as five a second come to: %i times a minute', async (count, wakes) => {
    const names = Array.from({ length: count }, (_, index) => `agent-${index}`);
    agents = names.map(agentOf);
    releases = names.map((name) => releaseOf(name, 'Promoted'));
    pods = names.map((name) => podOf(name, 1));
    const sleeps: number[] = [];
    const sleep = clock.sleep.bind(clock);
    clock.sleep = (ms, call) => {
      sleeps.push(ms);
      return sleep(ms, call);
    };
    start();
    await clock.advance(60_000);
    expect(read.length).toBe(Math.min(2 * count, 300));
    expect(sleeps.length - 1).toBeLessThanOrEqual(wakes);
    expect(Math.min(...sleeps)).toBeGreaterThanOrEqual(1_000);
  });

  it('goes by the status of the agent until it has looked, so that a restart of the operator is no news', async () => {
    const message = 'ModelProvider "anthropic" does not serve';
    agents = [{ ...agents[0]!, status: { stable: { revision: 'one' }, conditions: [{ type: 'Ready', status: 'False', reason: providerUnavailable, message }] } as never }];
    tell = () => broken;
    expect(standings.of(agents[0]!, 'one')).toEqual({ kind: 'CutOff', message });
    expect(standings.of(agents[0]!, 'two')).toEqual({ kind: 'Unknown' });
    start();
    await clock.advance(120_000);
    expect([told, standings.of(agents[0]!, 'one')]).toEqual([[], { kind: 'CutOff', message }]);
    tell = () => ({ ...broken, circuit: 'Closed' });
    await clock.advance(120_000);
    expect(told).toEqual(['support']);
  });

  it('looks at five agents a second at most, and forgets those that are gone', async () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `agent-${index}`);
    agents = names.map(agentOf);
    releases = names.map((name) => releaseOf(name, 'Promoted'));
    pods = names.map((name) => podOf(name, 1));
    start();
    await clock.advance(10_000);
    expect(read).toHaveLength(50);
    await clock.advance(190_000);
    expect([new Set(read).size, standings.size]).toEqual([1_000, 1_000]);
    agents = agents.slice(0, 3);
    await clock.advance(200_000);
    expect(standings.size).toBe(3);
  });
});
