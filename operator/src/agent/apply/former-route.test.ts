import { controllerOf, type Deployment, type KubeObject, type ResourceType } from '@sluice/kube';
import { expect, it } from 'vitest';
import { agentDeployments } from '../../resources.ts';
import { httpRoutes } from '../../traffic/http-routes.ts';
import { World } from '../testing/world.ts';

async function settle(world: World): Promise<void> {
  for (let round = 0; round < 60; round += 1) {
    await world.reconcile();
    world.pass(5_000);
  }
}

function keyOf({ metadata }: KubeObject) {
  return { namespace: metadata.namespace ?? '', name: metadata.name };
}

/** The agent deleted and applied anew, with another prompt, when the garbage collector has come to all but its route. */
async function madeAnewUnderItsRoute(): Promise<World> {
  const world = new World({ router: 'Gateway' });
  world.ask('good 1');
  await settle(world);
  const { status: _former, ...agent } = world.agent;
  world.cluster.put(agentDeployments, { ...agent, metadata: { ...agent.metadata, uid: 'uid-of-the-new-one', generation: 1 } });
  world.ask('good 2');
  for (const kind of ['Service', 'ServiceAccount', 'PodDisruptionBudget', 'ConfigMap', 'Release', 'EvalRun']) {
    for (const object of world.cluster.list(kind)) world.cluster.remove({ kind } as ResourceType, keyOf(object));
  }
  for (const object of [...world.cluster.list('Deployment'), ...world.cluster.list('NetworkPolicy')]) {
    world.cluster.put({ kind: object.kind } as ResourceType, { ...object, metadata: { ...object.metadata, ownerReferences: (object.metadata.ownerReferences ?? []).filter(({ kind }) => kind === 'HTTPRoute') } });
  }
  return world;
}

const sizes = (world: World) => (world.cluster.list('Deployment') as Deployment[]).map(({ spec }) => spec.replicas);

it('pods to which the route of a former agent sends requests are left alone, whoever owns them', async () => {
  const world = await madeAnewUnderItsRoute();
  const before = sizes(world);
  for (let round = 0; round < 3; round += 1) await expect(world.reconcile()).rejects.toThrow('waiting: HTTPRoute "support" of a deleted AgentDeployment of this name is being removed');
  expect(before).toHaveLength(1);
  expect(sizes(world)).toEqual(before);
});

it('it goes on when that route is gone', async () => {
  const world = await madeAnewUnderItsRoute();
  for (const kind of ['HTTPRoute', 'Deployment']) for (const object of world.cluster.list(kind)) world.cluster.remove({ kind } as ResourceType, keyOf(object));
  await settle(world);
  expect(world.agent.status?.release?.phase).toBe('Promoted');
  expect(world.cluster.list(httpRoutes.kind).map((route) => controllerOf(route)?.uid)).toEqual(['uid-of-the-new-one']);
});
