import type { Release } from '@sluice/crds';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { revisionLabel } from '../children/index.ts';
import { isTerminal } from '../release/decision.ts';
import { expectSameEndWhereverItDies } from './testing/deaths.ts';
import { capacity, World } from './testing/world.ts';

const story = ['good 1', 'good 2', 'unfit 3', 'ill 4', 'dead 5', 'good 2'];
/** Every kind of ending once, as short as that can be told. */
const crashStory = ['good 1', 'ill 2', 'good 3'];

/** The stories take seconds of processor time, and the machine may be busy. Milliseconds. */
const timeout = 600_000;

/** Reconciles and lets time pass until nothing is on its way; every history must end. */
async function settle(world: World, pace: number, look: () => void = () => undefined): Promise<void> {
  for (let round = 0; round < 400; round += 1) {
    const writes = world.cluster.writes;
    await world.reconcile();
    look();
    if (world.cluster.writes === writes && world.isStill && active(world).length === 0 && world.agent.status?.observedGeneration === world.agent.metadata.generation) return;
    world.pass(5_000, pace);
  }
  throw new Error(`the history did not end: ${JSON.stringify(world.agent.status)}`);
}

function releasesOf(world: World): Release[] {
  return world.cluster.list('Release') as Release[];
}

function active(world: World): Release[] {
  return releasesOf(world).filter((release) => !isTerminal(release.status?.phase));
}

/** What the end of a history is judged by. */
function endState(world: World) {
  return {
    phase: world.agent.status?.phase,
    stable: world.agent.status?.stable?.revision,
    verdicts: releasesOf(world).map(({ metadata, spec, status }) => `${metadata.name} ${spec.revision} ${status?.phase} ${status?.reason}`).toSorted(),
    pods: world.deployments.map(({ metadata, spec }) => `${metadata.name} ${spec.replicas}`).toSorted(),
  };
}

async function tell(world: World, prompts: readonly string[]): Promise<void> {
  for (const prompt of prompts) {
    world.ask(prompt);
    await settle(world, 0.5);
  }
}

describe('a history of releases', { timeout }, () => {
  it('ends as each revision deserves', async () => {
    const world = new World();
    await tell(world, story);
    const verdicts = releasesOf(world).map(({ status }) => `${status?.phase} ${status?.reason}`);
    // v5's rollback leaves good 2 serving, so that asking for it again needs no release.
    expect(verdicts).toEqual(['Promoted Promoted', 'Promoted Promoted', 'RolledBack EvaluationFailed', 'RolledBack ObjectiveFailed', 'RolledBack ProgressDeadlineExceeded']);
    expect(world.agent.status).toMatchObject({ phase: 'Healthy', stable: { actualWeight: 100, readyReplicas: capacity } });
    expect(world.deployments).toHaveLength(1);
  });

  it('goes back to a promoted revision at once, without steps or evaluation', async () => {
    const world = new World();
    await tell(world, ['good 1', 'good 2', 'good 1']);
    expect(releasesOf(world).at(-1)?.status?.transitions?.map(({ phase }) => phase)).toEqual(['Preparing', 'Promoting', 'Promoted']);
  });

  it('does not try a failed revision again by itself', async () => {
    const world = new World();
    await tell(world, ['good 1', 'ill 2']);
    const count = releasesOf(world).length;
    for (let round = 0; round < 20; round += 1) {
      world.pass(60_000);
      await world.reconcile();
    }
    expect(releasesOf(world)).toHaveLength(count);
    expect(world.agent.status).toMatchObject({ phase: 'Degraded' });
    expect(world.agent.status?.message).toContain('It is not tried again by itself: change spec.agent, or ask for it (kubectl sluice retry support). Other content of a ConfigMap, image or provider that it uses makes another revision, which is released');
  });

  it('begins anew with a corrected plan as long as the revision has no traffic', async () => {
    const world = new World();
    await tell(world, ['good 1']);
    world.ask('good 2', 'no-such-suite');
    for (let round = 0; round < 5; round += 1) await world.reconcile();
    expect(world.agent.status?.message).toContain('EvalSuite "no-such-suite" does not exist');
    await tell(world, ['good 2']);
    expect(releasesOf(world).map(({ status }) => `${status?.phase} ${status?.reason}`)).toEqual(['Promoted Promoted', 'Superseded PlanChanged', 'Promoted Promoted']);
  });

  it('is never Ready while the release that a changed spec asks for does not exist yet', async () => {
    const world = new World();
    await tell(world, ['good 1']);
    world.ask('good 2');
    await world.reconcile();
    // What is said of an older generation says nothing of this one; the look that follows at once speaks of it.
    expect(world.agent.status?.observedGeneration).toBeLessThan(world.agent.metadata.generation ?? 0);
    await world.reconcile();
    const { status, metadata } = world.agent;
    expect(status?.observedGeneration).toBe(metadata.generation);
    expect(status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False' });
    expect(status?.phase).toBe('Progressing');
  });

  it('writes nothing when nothing has to change', async () => {
    const world = new World();
    await tell(world, ['good 1']);
    const before = world.cluster.writes;
    await world.reconcile();
    expect(world.cluster.writes).toBe(before);
  });

  it('bounds its history and keeps what serves', async () => {
    const world = new World();
    await tell(world, ['good 1', ...Array.from({ length: 12 }, (_, index) => `unfit ${index}`)]);
    const rejected = releasesOf(world).filter(({ status }) => status?.phase === 'RolledBack').length;
    expect(rejected, 'what failed is remembered').toBe(12);
    expect(releasesOf(world).length - rejected).toBeLessThanOrEqual(6); // five, and the one whose revision serves
    expect(world.cluster.list('ConfigMap').length).toBeLessThanOrEqual(7);
    expect(world.agent.status?.stable?.readyReplicas).toBe(capacity);
  });
});

describe('crash injection', { timeout }, () => {
  it('ends in the same place wherever the operator dies, before or after any write', async () => {
    const { writes } = await expectSameEndWhereverItDies(async (dies) => {
      const world = new World({ controllers: 'Late' });
      world.cluster.crashAt = dies;
      await tell(world, crashStory);
      return { writes: world.cluster.writes, end: endState(world) };
    });
    expect(writes).toBeGreaterThan(50);
  });
});

describe('invariants over random histories', { timeout }, () => {
  const move = fc.record({
    prompt: fc.option(fc.tuple(fc.constantFrom('good', 'unfit', 'ill', 'dead'), fc.integer({ min: 1, max: 4 })).map(([fate, number]) => `${fate} ${number}`), { nil: undefined, freq: 4 }),
    ms: fc.integer({ min: 0, max: 90_000 }),
    pace: fc.double({ min: 0.1, max: 1, noNaN: true }),
    crash: fc.option(fc.record({ write: fc.integer({ min: 0, max: 6 }), when: fc.constantFrom('before' as const, 'after' as const) }), { nil: undefined }),
  });

  it('hold at every moment, and every history ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 5, maxLength: 40 }), async (moves) => {
        const world = new World();
        const rejected = new Set<string>();
        let served = 0;
        const look = () => { served = checkInvariants(world, rejected, served); };
        world.ask('good 0');
        await settle(world, 1, look);
        for (const { prompt, ms, pace, crash } of moves) {
          if (prompt !== undefined) world.ask(prompt);
          if (crash !== undefined) world.cluster.crashAt = { write: world.cluster.writes + crash.write, when: crash.when };
          await world.reconcile();
          look();
          world.pass(ms, pace);
        }
        world.cluster.crashAt = undefined;
        await settle(world, 1, look);
        expect(['Healthy', 'Degraded']).toContain(world.agent.status?.phase);
        expect(readyPods(world)).toBeGreaterThanOrEqual(capacity);
      }),
      { numRuns: 100 },
    );
  });
});

function readyPods(world: World): number {
  return world.deployments.reduce((sum, { spec, status }) => sum + Math.min(spec.replicas ?? 1, status?.readyReplicas ?? 0), 0);
}

/** Returns the pods that serve now. */
function checkInvariants(world: World, rejected: Set<string>, served: number): number {
  expect(active(world).length, 'at most one release is on its way').toBeLessThanOrEqual(1);
  const ready = readyPods(world);
  expect(ready, 'the operator never takes away serving capacity').toBeGreaterThanOrEqual(Math.min(capacity, served));
  for (const { metadata, spec } of world.deployments) {
    const revision = metadata.labels?.[revisionLabel] ?? '';
    expect(world.fateOf(revision), 'a revision that fails its evaluation never has pods').not.toBe('unfit');
    if (rejected.has(revision)) expect(spec.replicas, 'a rejected revision never gets traffic again').toBe(0);
  }
  for (const { spec, status } of releasesOf(world)) {
    if (status?.phase === 'RolledBack') rejected.add(spec.revision);
    expect(status?.weight ?? 0).toBeGreaterThanOrEqual(0);
  }
  const { stable, canary } = world.agent.status ?? {};
  if (stable !== undefined && canary !== undefined) expect(stable.weight + canary.weight, 'weights sum to 100').toBe(100);
  return ready;
}
