import { describe, expect, it } from 'vitest';
import { expectSameEndWhereverItDies } from './testing/deaths.ts';
import type { CrashPoint } from './testing/memory-cluster.ts';
import { World } from './testing/world.ts';

const timeout = 300_000;

/** A first release with nothing to prove, aborted before its pods are ready, or when they serve: behind a Gateway, once a route names it. */
async function aborted({ ready, dies, router = 'ReplicaRatio' }: { readonly ready: number; readonly dies?: CrashPoint | undefined; readonly router?: 'ReplicaRatio' | 'Gateway' }): Promise<World> {
  const world = new World({ rollout: { gates: {} }, router, status: 'AtOnce' });
  world.cluster.crashAt = dies;
  world.ask('good 1');
  while (world.releases[0] === undefined) await world.reconcile();
  world.pass(1_000, ready);
  const routes = router === 'Gateway' && ready > 0 ? 1 : 0;
  while (routesOf(world) < routes) {
    await world.reconcile();
    world.pass(1_000, ready);
  }
  world.wish('Abort', world.releases[0]);
  for (let round = 0; round < 20; round += 1) {
    await world.reconcile();
    world.pass(5_000);
  }
  return world;
}

const routesOf = (world: World): number => world.cluster.list('HTTPRoute').length;
const podsOf = (world: World): number => world.deployments.reduce((sum, { spec }) => sum + (spec.replicas ?? 0), 0);

describe('a first release that somebody aborts', { timeout }, () => {
  it.each([0, 0.4])('leaves no pods, wherever the operator dies, when %s of them are ready', async (ready) => {
    const told = await expectSameEndWhereverItDies(async (dies) => {
      const world = await aborted({ ready, dies });
      return { writes: world.cluster.writes, end: { pods: podsOf(world), deployments: world.deployments.length, releases: world.releases.map(({ status }) => `${status?.phase}: ${status?.message}`) } };
    });
    expect(told.end).toEqual({ pods: 0, deployments: 0, releases: ['Aborted: alice aborted the release; no other revision serves, and its pods leave'] });
  });

  it.each([0, 0.4, 1])('leaves nothing behind a Gateway either, neither the route nor what it named, wherever the operator dies, when %s of its pods are ready', async (ready) => {
    const told = await expectSameEndWhereverItDies(async (dies) => {
      const world = await aborted({ ready, dies, router: 'Gateway' });
      const services = world.cluster.list('Service').map(({ metadata }) => metadata.name);
      return { writes: world.cluster.writes, end: { deployments: world.deployments.length, routes: routesOf(world), services, phases: world.releases.map(({ status }) => status?.phase) } };
    });
    expect(told.end).toEqual({ deployments: 0, routes: 0, services: ['support'], phases: ['Aborted'] });
  });

  it.each(['ReplicaRatio', 'Gateway'] as const)('leaves no pods of what it had superseded either (%s): nobody was promoted', async (router) => {
    const world = new World({ rollout: { gates: {} }, router, status: 'AtOnce' });
    world.ask('good 1');
    while (world.releases[0] === undefined) await world.reconcile();
    await world.reconcile();
    world.pass(1_000, 0.7);
    world.ask('good 2');
    while (world.releases[1] === undefined) await world.reconcile();
    world.wish('Abort', world.releases[1]);
    for (let round = 0; round < 20; round += 1) {
      await world.reconcile();
      world.pass(5_000);
    }
    expect(world.releases.map(({ status }) => status?.phase)).toEqual(['Superseded', 'Aborted']);
    expect([podsOf(world), world.agent.status?.message?.split(';')[0]]).toEqual([0, 'No revision serves']);
    expect([world.deployments.length, routesOf(world)]).toEqual([0, 0]);
  });

  it.each(['ReplicaRatio', 'Gateway'] as const)('is begun anew when somebody asks for it, or for another (%s)', async (router) => {
    const world = await aborted({ ready: 0.4, router });
    expect(world.agent.status).toMatchObject({ phase: 'Degraded', rejectedBy: { release: 'support-1' } });
    world.ask('good 2');
    for (let round = 0; round < 20; round += 1) {
      await world.reconcile();
      world.pass(5_000);
    }
    expect(world.agent.status).toMatchObject({ phase: 'Healthy' });
    expect(podsOf(world)).toBe(3);
    expect(routesOf(world)).toBe(router === 'Gateway' ? 1 : 0);
  });
});
