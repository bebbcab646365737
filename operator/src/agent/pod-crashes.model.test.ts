import type { ReleaseStatus } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { expectSameEndWhereverItDies } from './testing/deaths.ts';
import type { CrashPoint } from './testing/memory-cluster.ts';
import { crash, podsOf, replace, stop } from './testing/pod-crashes.ts';
import { World } from './testing/world.ts';

/** The stories take seconds of processor time, and the machine may be busy. Milliseconds. */
const timeout = 600_000;

function statusOf(world: World): ReleaseStatus {
  return world.releases.at(-1)?.status ?? {};
}

async function looks(world: World, count: number, ms = 5_000): Promise<void> {
  for (let look = 0; look < count; look += 1) {
    await world.reconcile();
    world.pass(ms);
  }
}

async function until(world: World, holds: (status: ReleaseStatus) => boolean): Promise<void> {
  for (let look = 0; look < 80 && !holds(statusOf(world)); look += 1) await looks(world, 1);
  expect(holds(statusOf(world)), JSON.stringify(statusOf(world))).toBe(true);
}

const ended = ({ phase }: ReleaseStatus): boolean => phase === 'Promoted' || phase === 'RolledBack';

/** A new revision in its first step beside one that has served for an hour. */
async function inStep(): Promise<World> {
  const world = new World({ steps: [{ weight: 25, duration: '2m' }] });
  world.ask('good 1');
  await until(world, ended);
  world.pass(3_600_000);
  world.ask('good 2');
  await until(world, ({ stepStartedAt }) => stepStartedAt !== undefined);
  return world;
}

const canary = (world: World) => podsOf(world, world.releases.at(-1)?.spec.revision ?? '');
const stable = (world: World) => podsOf(world, world.releases.at(-1)?.spec.stableRevision ?? '');

describe('pods that crash', { timeout }, () => {
  it.each([
    ['deleted at once', async (world: World) => { stop(world, canary(world).slice(0, 1)); await looks(world, 1); }],
    ['removed by force when they have run for a while', (world: World) => looks(world, 3)],
  ])('and are %s take the release back: their count does not go with them', async (_, end) => {
    const world = await inStep();
    for (const generation of ['b', 'c', 'd', 'e']) {
      expect(statusOf(world).phase).toBe('Shifting');
      crash(world, canary(world).slice(0, 1));
      await end(world);
      replace(world, canary(world).slice(0, 1), generation);
    }
    await until(world, ended);
    expect(statusOf(world)).toMatchObject({ phase: 'RolledBack', reason: 'PodsCrash' });
    expect(statusOf(world).message).toMatch(/^Containers of revision \w+ crashed 4 times in .* pod-minutes, meanwhile those of revision \w+ 0 times in /);
  });

  it('on both sides alike, as with a node, take nothing back, and hold nothing up', async () => {
    const world = await inStep();
    for (let round = 0; round < 3; round += 1) {
      crash(world, [...canary(world), ...stable(world)]);
      await looks(world, 1);
    }
    await until(world, ended);
    expect(statusOf(world)).toMatchObject({ phase: 'Promoted', crashes: { canary: { crashes: 3 } } });
    expect(statusOf(world).crashes?.stable.crashes).toBeGreaterThan(3);
  });

  it('on both sides alike do take back a revision all of whose pods are in CrashLoopBackOff', async () => {
    const world = await inStep();
    for (let round = 0; round < 2; round += 1) {
      crash(world, [...canary(world), ...stable(world)]);
      await looks(world, 1);
    }
    expect(statusOf(world).phase).toBe('Shifting');
    crash(world, [...canary(world), ...stable(world)], 'BackOff');
    await until(world, ended);
    expect(statusOf(world)).toMatchObject({ phase: 'RolledBack', reason: 'PodsCrash' });
    expect(statusOf(world).message).toContain('every pod of it is in CrashLoopBackOff');
  });

  it('cost no write of their own', async () => {
    const writesOf = async (happens: (world: World) => void): Promise<number> => {
      const world = await inStep();
      const before = world.cluster.writes;
      for (let look = 0; look < 10; look += 1) {
        happens(world);
        await looks(world, 1, 2_000);
      }
      return world.cluster.writes - before;
    };
    expect(await writesOf((world) => crash(world, [...canary(world), ...stable(world)]))).toBe(await writesOf(() => undefined));
  });

  it('are counted to the same end wherever the operator dies', async () => {
    const tell = async (dies?: CrashPoint) => {
      const world = await inStep();
      const begin = world.cluster.writes;
      if (dies !== undefined) world.cluster.crashAt = { write: begin + dies.write, when: dies.when };
      for (let round = 0; round < 2; round += 1) {
        crash(world, canary(world).slice(0, 1));
        // Twice: an operator that died in the first has looked in the second.
        await looks(world, 2, 11_000);
      }
      for (const generation of ['b', 'c']) {
        replace(world, canary(world).slice(0, 1), generation);
        crash(world, canary(world).slice(0, 1));
        await looks(world, 2, 11_000);
      }
      await until(world, ended);
      await looks(world, 4);
      const { phase, reason, transitions } = statusOf(world);
      return { writes: world.cluster.writes - begin, end: { phase, reason, transitions: transitions?.map((each) => `${each.phase} ${each.reason}`), crashed: statusOf(world).crashes?.canary.crashes } };
    };
    expect((await expectSameEndWhereverItDies(tell)).end).toMatchObject({ phase: 'RolledBack', reason: 'PodsCrash', crashed: 4 });
  });
});
