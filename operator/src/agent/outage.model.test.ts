import type { Release, ReleaseStatus } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { expectSameEndWhereverItDies } from './testing/deaths.ts';
import type { CrashPoint } from './testing/memory-cluster.ts';
import { World, type WorldOptions } from './testing/world.ts';

type Holds = (status: ReleaseStatus) => boolean;

function release(world: World): Release | undefined {
  return world.releases.at(-1);
}

function statusOf(world: World): ReleaseStatus {
  return release(world)?.status ?? {};
}

function phases(world: World): string[] {
  return (statusOf(world).transitions ?? []).map(({ phase, reason }) => `${phase}: ${reason}`);
}

/** Reconciles while time passes, for so many rounds of five seconds or until the latest release `holds`. */
async function rounds(world: World, count: number, holds: Holds = () => false): Promise<void> {
  for (let round = 0; round < count && !holds(statusOf(world)); round += 1) {
    await world.reconcile();
    world.pass(5_000);
  }
}

const inStep: Holds = ({ phase, stepStartedAt }) => phase === 'Shifting' && stepStartedAt !== undefined;

/** A release of `prompt` over a good revision, in its first step. */
async function shifting(prompt: string, options?: WorldOptions): Promise<World> {
  const world = new World(options);
  world.ask('good 1');
  await rounds(world, 40, ({ phase }) => phase === 'Promoted');
  world.ask(prompt);
  await rounds(world, 40, inStep);
  return world;
}

async function outage(world: World, count: number): Promise<void> {
  world.weather = 'outage';
  await rounds(world, count);
  world.weather = 'fine';
}

describe.each(['ReplicaRatio', 'Gateway'] as const)('an outage of the provider (%s)', { timeout: 600_000 }, (router) => {
  it('holds the weight and stops the clock for as long as it lasts, and the release goes on to its promotion', async () => {
    const world = await shifting('good 2', { router });
    const before = statusOf(world);
    world.weather = 'outage';
    for (let round = 0; round < 60; round += 1) {
      await rounds(world, 1);
      expect(statusOf(world)).toMatchObject({ phase: 'Held', weight: before.weight, stop: { phase: 'Shifting', reason: 'ProviderOutage' } });
    }
    world.weather = 'fine';
    await rounds(world, 1);
    const after = statusOf(world);
    expect(after).toMatchObject({ phase: 'Shifting', weight: before.weight, durations: { heldMilliseconds: 300_000 } });
    expect(Date.parse(after.stepStartedAt ?? '') - Date.parse(before.stepStartedAt ?? '')).toBe(300_000);
    expect(after.evidence).toMatchObject({ stable: { requests: 0 }, canary: { requests: 0 } });
    await rounds(world, 60, ({ phase }) => phase === 'Promoted');
    expect(phases(world).slice(-5)).toEqual(['Held: ProviderOutage', 'Shifting: GoesOn', 'Shifting: StepStarted', 'Promoting: AllStepsPassed', 'Promoted: Promoted']);
  });

  it('washes nobody clean: a bad revision is rolled back when it is over', async () => {
    const world = new World({ router });
    world.ask('good 1');
    await rounds(world, 40, ({ phase }) => phase === 'Promoted');
    const first = world.agent.status?.stable?.revision;
    world.ask('ill 2');
    await rounds(world, 40, ({ phase, step }) => phase === 'Shifting' && step === 0);
    await outage(world, 12);
    expect(statusOf(world).phase).toBe('Held');
    await rounds(world, 60, ({ phase }) => phase === 'RolledBack');
    expect(statusOf(world)).toMatchObject({ phase: 'RolledBack', objectives: [{ verdict: 'Fail' }] });
    expect(world.agent.status?.stable).toMatchObject({ revision: first, weight: 100 });
  });

  it('that never ends is over at holdLimit, with all the traffic on what was there before', async () => {
    const world = await shifting('good 2', { router, rollout: { holdLimit: '10m' } });
    const old = release(world)?.spec.stableRevision;
    await outage(world, 140);
    expect(statusOf(world).phase).toBe('RolledBack');
    expect(phases(world)).toContain('RollingBack: HoldLimitExceeded');
    expect(world.agent.status?.stable).toMatchObject({ revision: old, weight: 100 });
  });

  it('gives no weight to a revision whose evaluation it interrupted', async () => {
    const world = new World({ router });
    world.ask('good 1');
    await rounds(world, 40, ({ phase }) => phase === 'Promoted');
    world.weather = 'outage';
    world.ask('good 2');
    await rounds(world, 30);
    expect(statusOf(world)).toMatchObject({ phase: 'Held', weight: 0, stop: { phase: 'Evaluating', reason: 'ProviderOutage' } });
    world.weather = 'fine';
    await rounds(world, 60, ({ phase }) => phase === 'Promoted');
    expect(statusOf(world).phase).toBe('Promoted');
  });
});

describe('crash injection in an outage of the provider', { timeout: 600_000 }, () => {
  it('ends in the same place wherever the operator dies on the way', async () => {
    /** Writes are counted from the end of the first release on. */
    const tell = async (dies?: CrashPoint) => {
      const world = new World({ controllers: 'Late' });
      world.ask('good 1');
      await rounds(world, 40, ({ phase }) => phase === 'Promoted');
      await rounds(world, 8);
      const { writes } = world.cluster;
      if (dies !== undefined) world.cluster.crashAt = { ...dies, write: writes + dies.write };
      world.ask('good 2');
      await rounds(world, 40, inStep);
      await outage(world, 8);
      await rounds(world, 60, ({ phase }) => phase === 'Promoted');
      await rounds(world, 8);
      expect(world.cluster.crashAt, 'it died').toBeUndefined();
      return { writes: world.cluster.writes - writes, end: end(world) };
    };
    const end = (world: World) => ({
      releases: world.releases.map(({ metadata, spec, status }) => [metadata.name, spec.revision, status?.phase, status?.weight]),
      held: phases(world).filter((phase) => phase.startsWith('Held')),
      stable: world.agent.status?.stable,
      pods: world.deployments.map(({ metadata, spec }) => [metadata.name, spec.replicas]),
    });
    const uninterrupted = await expectSameEndWhereverItDies(tell);
    expect(uninterrupted.end).toMatchObject({ held: ['Held: ProviderOutage'], releases: [['support-1', expect.any(String), 'Promoted', 100], ['support-2', expect.any(String), 'Promoted', 100]] });
  });
});
