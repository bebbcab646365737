import { expect, it } from 'vitest';
import { World } from '../testing/world.ts';

/** Reconciles so many times; whenever the agent looks finished, it must be with what its spec asks for. */
async function live(world: World, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await world.reconcile();
    const { phase, observedGeneration, revision, stable } = world.agent.status ?? {};
    if (phase === 'Healthy' && observedGeneration === world.agent.metadata.generation) expect(stable?.revision).toBe(revision);
    world.pass(5_000);
  }
}

it('never says Healthy of a spec whose release has not begun', async () => {
  const world = new World();
  world.ask('good 1');
  await live(world, 40);
  world.ask('good 2');
  // That it shifts is news that waits 20 s at most (status-pace.ts).
  await live(world, 12);
  expect(world.agent.status).toMatchObject({ phase: 'Progressing', release: { name: 'support-2', phase: 'Shifting' } });
  // In one pass the second release ends, and the third does not exist yet.
  world.ask('good 3');
  await live(world, 1);
  expect(world.agent.status).toMatchObject({ phase: 'Progressing', release: { name: 'support-2', phase: 'Superseded' } });
  await live(world, 40);
  expect(world.agent.status).toMatchObject({ phase: 'Healthy', release: { name: 'support-3', phase: 'Promoted' } });
});
