import { expect, it } from 'vitest';
import { World } from '../testing/world.ts';

const misspelt = { name: 'weekend', schedule: '0 16 * * FRI', duration: '62h', timeZone: 'Europe/Berln' };
const sentence = 'Nothing is released until freeze "weekend" is corrected: rollout.freezes[0].timeZone is "Europe/Berln", which the time zone database does not have: write for example "Europe/Berlin"';

/** For half an hour of looks on a busy machine, milliseconds. */
const patience = 60_000;

async function live(world: World, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await world.reconcile();
    world.pass(5_000);
  }
}

/** Status and reasons as kstatus reads them. */
function told({ agent }: World): unknown {
  const { phase, message, conditions = [] } = agent.status ?? {};
  const stalled = conditions.find(({ type }) => type === 'Stalled');
  return { phase, message, stalled: stalled?.status, reason: stalled?.reason };
}

it('a freeze that cannot be read stalls the agent, lets nothing go on, and is over once it is corrected', { timeout: patience }, async () => {
  const world = new World();
  world.ask('good 1');
  await live(world, 40);
  world.editRollout({ freezes: [misspelt] });
  await live(world, 2);
  expect(told(world)).toEqual({ phase: 'Degraded', message: `Revision ${world.agent.status?.revision ?? ''} keeps serving. ${sentence}`, stalled: 'True', reason: 'InvalidFreeze' });
  world.ask('good 2');
  world.editRollout({ freezes: [misspelt] });
  await live(world, 400);
  expect(told(world)).toEqual({ phase: 'Degraded', message: `support-2: ${sentence}`, stalled: 'True', reason: 'InvalidFreeze' });
  expect(world.agent.status?.release).toMatchObject({ name: 'support-2', phase: 'Held' });
  world.editRollout({ freezes: [{ ...misspelt, timeZone: 'Europe/Berlin', schedule: '0 16 1 1 *', duration: '1m' }] });
  await live(world, 100);
  expect(world.agent.status).toMatchObject({ phase: 'Healthy', release: { name: 'support-2', phase: 'Promoted' } });
});
