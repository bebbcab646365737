import { expect, it } from 'vitest';
import { World } from '../testing/world.ts';

it('an agent is not Ready, and its revision has not all the traffic, as long as pods of a removed Deployment are ready', async () => {
  const world = new World({ rollout: { gates: {} }, status: 'AtOnce' });
  world.ask('good 1');
  const until = async (holds: () => boolean): Promise<void> => {
    for (let round = 0; round < 60 && !holds(); round += 1) {
      await world.reconcile();
      if (!holds()) world.pass(5_000);
    }
    expect(holds()).toBe(true);
  };
  await until(() => world.agent.status?.phase === 'Healthy');
  const { revision: old = '' } = world.agent.status ?? {};
  world.ask('good 2');
  await until(() => world.agent.status?.release?.name === 'support-2' && world.deployments.length === 1 && world.agent.status.release.phase === 'Promoted');
  const left = world.pods.orphans.length;
  expect(left).toBeGreaterThan(0);
  const { status } = world.agent;
  expect(status).toMatchObject({ phase: 'Progressing', stable: { actualWeight: Math.floor(300 / (3 + left)) } });
  expect(status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'OldPodsLeaving', message: expect.stringContaining(`of revision ${old}`) as string });
  expect(status?.conditions?.find(({ type }) => type === 'Available')?.message).toContain(`${3 + left} pods are ready`);
  await until(() => world.agent.status?.phase === 'Healthy');
  expect(world.pods.orphans).toEqual([]);
  expect(world.agent.status?.stable?.actualWeight).toBe(100);
});
