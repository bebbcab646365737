import { networkPolicies, type NetworkPolicy } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { World } from '../testing/world.ts';

const own = [{ cidr: '10.1.0.0/16', ports: [8443] }];

async function until(world: World, holds: () => boolean): Promise<void> {
  for (let round = 0; round < 80 && !holds(); round += 1) {
    await world.reconcile();
    if (!holds()) world.pass(1_000);
  }
  expect(holds()).toBe(true);
}

const policies = (world: World): readonly NetworkPolicy[] => world.cluster.list('NetworkPolicy') as NetworkPolicy[];

function removeAll(world: World): void {
  for (const { metadata: { namespace = '', name } } of policies(world)) world.cluster.remove(networkPolicies, { namespace, name });
}

/** The first revision, whose rules no other has, is on its way out and still has pods; its Deployment is there or not. */
async function retiring(world: World): Promise<void> {
  world.ask('good 1');
  world.connect(own);
  await until(world, () => world.agent.status?.phase === 'Healthy');
  world.ask('good 2');
  world.edit({ network: undefined });
  await until(world, () => world.releases.at(-1)?.status?.phase === 'Promoted' && world.releases.length === 2);
  await world.reconcile();
  expect([world.deployments.length, policies(world).length]).toEqual([2, 2]);
}

describe('a NetworkPolicy that somebody deletes', () => {
  it('is put back under a revision on its way out as long as a pod of it exists', async () => {
    const world = new World({ rollout: { gates: {} } });
    await retiring(world);
    const before = policies(world).map(({ spec }) => JSON.stringify(spec)).toSorted();
    removeAll(world);
    await world.reconcile();
    expect(policies(world).map(({ spec }) => JSON.stringify(spec)).toSorted()).toEqual(before);
    const { writes } = world.cluster;
    await world.reconcile();
    expect(world.cluster.writes, 'once').toBe(writes);
  });

  it('is put back under pods that have lost their Deployment', async () => {
    const world = new World({ rollout: { gates: {} } });
    await retiring(world);
    const old = world.deployments.find(({ spec }) => spec.replicas === 0) ?? world.deployments[0]!;
    world.pods.follow(old, 2);
    world.cluster.remove({ kind: 'Deployment' } as never, { namespace: 'demo', name: old.metadata.name });
    removeAll(world);
    await world.reconcile();
    expect(policies(world)).toHaveLength(2);
    expect(world.pods.orphans).toHaveLength(2);
  });
});
