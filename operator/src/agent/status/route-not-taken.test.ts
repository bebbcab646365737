import { expect, it } from 'vitest';
import { World } from '../testing/world.ts';

const rollout = { gates: { objectives: [{ name: 'success', minRequests: 30, successRate: { minPercent: 99 } }] } };

async function look(world: World, times: number, ms = 3_000): Promise<void> {
  for (let done = 0; done < times; done += 1) {
    await world.reconcile();
    world.pass(ms);
  }
}

/** Half of the users are on a revision that fails, and the Gateway's controller stops in that moment. */
async function asleep(): Promise<World> {
  const world = new World({ router: 'Gateway', rollout, steps: [{ weight: 50, duration: '10m' }] });
  world.ask('good 1');
  await look(world, 30);
  world.ask('ill 2');
  for (let done = 0; done < 40 && world.releases[1]?.status?.stepStartedAt === undefined; done += 1) await look(world, 1);
  world.gateway.mood = 'sleeps';
  for (let done = 0; done < 40 && world.releases[1]?.status?.phase !== 'RollingBack'; done += 1) await look(world, 1);
  expect(world.releases[1]?.status?.phase).toBe('RollingBack');
  await look(world, 3);
  return world;
}

it('a rollback that the Gateway has not taken up says by what the requests are divided, and what it waits for', async () => {
  const world = await asleep();
  const { spec: { revision }, status } = world.releases[1]!;
  expect(world.agent.status).toMatchObject({ canary: { revision, weight: 0, actualWeight: 50 }, stable: { weight: 100, actualWeight: 50 } });
  expect(status?.message).toContain(`revision ${revision} still has 50 % of the requests, as far as is known. Waiting for Gateway demo/public to accept the HTTPRoute as it is now`);
  expect(status?.message).not.toContain('leaving');
});

it('is a person\'s business from progressDeadline on, and none any more when the Gateway answers', async () => {
  const world = await asleep();
  await look(world, 50);
  const stalled = world.agent.status?.conditions?.find(({ type }) => type === 'Stalled');
  expect(world.agent.status?.phase).toBe('Degraded');
  expect(stalled).toMatchObject({ status: 'True', reason: 'RouteNotTaken', message: expect.stringContaining('has not been taken back for 2m') as string });
  world.gateway.mood = 'accepts';
  await look(world, 20);
  expect(world.releases[1]?.status?.phase).toBe('RolledBack');
  expect(world.agent.status).toMatchObject({ stable: { actualWeight: 100 } });
  expect(world.agent.status?.conditions?.find(({ type }) => type === 'Stalled')?.reason).toBe('ObjectiveFailed');
});

it('a promotion that waits for the Gateway says by what the requests are divided, too', async () => {
  const world = new World({ router: 'Gateway', rollout: { gates: {} }, steps: [{ weight: 50, duration: '10s' }] });
  world.ask('good 1');
  await look(world, 30);
  world.ask('good 2');
  for (let done = 0; done < 40 && world.releases[1]?.status?.stepStartedAt === undefined; done += 1) await look(world, 1);
  world.gateway.mood = 'sleeps';
  for (let done = 0; done < 40 && world.releases[1]?.status?.phase !== 'Promoting'; done += 1) await look(world, 1);
  await look(world, 9);
  expect(world.agent.status).toMatchObject({ canary: { weight: 100, actualWeight: 50 }, stable: { weight: 0, actualWeight: 50 } });
});
