import { expect, it } from 'vitest';
import { World } from './testing/world.ts';

it('never says Healthy of a spec whose release has not begun', async () => {
  const world = new World();
  for (const prompt of ['good 1', 'good 2']) {
    world.ask(prompt);
    for (let round = 0; round < 40; round += 1) {
      await world.reconcile();
      const { phase, observedGeneration, revision, stable } = world.agent.status ?? {};
      if (phase === 'Healthy' && observedGeneration === world.agent.metadata.generation) expect(stable?.revision).toBe(revision);
      world.pass(5_000);
    }
    expect(world.agent.status?.phase).toBe('Healthy');
  }
});
