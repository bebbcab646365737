import { describe, expect, it } from 'vitest';
import { World } from '../testing/world.ts';

/** Looks while time passes, until it holds. */
async function until(world: World, holds: () => boolean): Promise<void> {
  for (let round = 0; round < 80 && !holds(); round += 1) {
    await world.reconcile();
    if (!holds()) world.pass(5_000);
  }
  expect(holds()).toBe(true);
}

const latest = (world: World) => world.releases.at(-1)!;

/** A second revision with pods, that is about to go. */
async function leaving(prompt: string): Promise<World> {
  const world = new World();
  world.ask('good 1');
  await until(world, () => world.agent.status?.phase === 'Healthy');
  world.ask(prompt);
  await until(world, () => latest(world).status?.phase === 'Shifting' && world.deployments.length === 2);
  return world;
}

describe('a revision that goes back', () => {
  it.each<[string, string, (world: World) => void, string]>([
    ['failed', 'ill 2', () => undefined, 'RolledBack'],
    ['was aborted', 'good 2', (world) => world.wish('Abort', latest(world)), 'Aborted'],
  ])('and %s keeps its release open until its pods were told to end, and its Deployment until they are gone', async (_why, prompt, happens, phase) => {
    const world = await leaving(prompt);
    happens(world);
    await until(world, () => latest(world).status?.phase === 'RollingBack');
    const { revision } = latest(world).spec;
    // Its controller does nothing: looks alone bring nothing to an end.
    for (let look = 0; look < 6; look += 1) await world.reconcile();
    expect(latest(world).status?.phase).toBe('RollingBack');
    const left = world.deployments.find(({ metadata }) => metadata.name.endsWith(revision));
    expect(left?.spec.replicas).toBe(0);
    expect(world.pods.orphans).toEqual([]);
    await until(world, () => latest(world).status?.phase === phase);
    await until(world, () => world.deployments.length === 1);
  });

  it('and was superseded is scaled to none and removed when its pods are gone: no garbage collector decides how long they answer', async () => {
    const world = await leaving('good 2');
    const { revision } = latest(world).spec;
    world.ask('good 3');
    await until(world, () => latest(world).spec.revision !== revision);
    for (let look = 0; look < 6; look += 1) {
      await world.reconcile();
      expect(world.pods.orphans).toEqual([]);
    }
    await until(world, () => world.agent.status?.phase === 'Healthy');
    expect(world.deployments).toHaveLength(1);
  });
});
