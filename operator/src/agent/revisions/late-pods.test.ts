import type { Deployment } from '@sluice/kube';
import { expect, it } from 'vitest';
import { World } from '../testing/world.ts';
import { graceMs } from './policies.ts';

const own = [{ cidr: '10.1.0.0/16', ports: [8443] }];

/** A second revision with rules of its own has a Deployment, about which no controller has done anything yet. */
async function beginning(): Promise<{ readonly world: World; readonly made: Deployment }> {
  const world = new World({ rollout: { gates: {} } });
  world.ask('good 1');
  await settle(world);
  world.ask('good 2');
  world.connect(own);
  while (world.deployments.length === 1) await world.reconcile();
  return { world, made: world.deployments.find(({ status }) => status === undefined)! };
}

async function settle(world: World, rounds = 20): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await world.reconcile();
    world.pass(1_000);
  }
}

const policies = (world: World): number => world.cluster.list('NetworkPolicy').length;

it('a Deployment is not gone before its controller has heard that it shall have no pods', async () => {
  const { world, made } = await beginning();
  world.ask('good 1');
  for (let look = 0; look < 4; look += 1) await world.reconcile();
  expect(world.deployments.find(({ metadata }) => metadata.uid === made.metadata.uid)?.spec.replicas).toBe(0);
  world.pass(1_000);
  await settle(world);
  expect(world.deployments).toHaveLength(1);
});

it('a pod that a ReplicaSet makes after its Deployment is gone finds its NetworkPolicy, which goes a while after the last one', async () => {
  const { world, made } = await beginning();
  world.ask('good 1');
  await settle(world, 6);
  expect([world.deployments.length, policies(world)], 'the Deployment goes first').toEqual([1, 2]);
  world.pass(graceMs - 10_000);
  world.pods.follow(made, 3);
  await world.reconcile();
  world.pass(10_000);
  await world.reconcile();
  expect(policies(world), 'pods have been seen since').toBe(2);
  await settle(world, 10);
  expect([world.pods.orphans.length, policies(world)]).toEqual([0, 2]);
  world.pass(graceMs);
  await world.reconcile();
  expect(policies(world)).toBe(1);
});

it('what is removed is removed as it was looked at', async () => {
  const { world, made } = await beginning();
  await settle(world, 2);
  world.ask('good 1');
  const bound: unknown[] = [];
  const { client } = world.cluster as unknown as { readonly client: { delete: (type: { kind: string }, key: object, options: { preconditions: object }) => Promise<void> } };
  const remove = client.delete;
  client.delete = (type, key, options) => {
    if (type.kind === 'Deployment') bound.push(options.preconditions);
    return remove(type, key, options);
  };
  let before: Deployment | undefined;
  for (let round = 0; round < 20 && bound.length === 0; round += 1) {
    before = world.deployments.find(({ metadata }) => metadata.uid === made.metadata.uid);
    await world.reconcile();
    world.pass(1_000);
  }
  expect(bound).toEqual([{ uid: made.metadata.uid, resourceVersion: before?.metadata.resourceVersion }]);
});
