import type { AgentDeployment, Release } from '@sluice/crds';
import { type Deployment, deployments, horizontalPodAutoscalers, type Service, services } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import type { CrashPoint } from '../agent/testing/memory-cluster.ts';
import { World, type WorldOptions } from '../agent/testing/world.ts';
import { agentDeployments } from '../resources.ts';
import { adoptedByAnnotation } from './plan.ts';

const legacy = { namespace: 'demo', name: 'legacy' };
const address = { namespace: 'demo', name: 'support' };
const handMade = 6;

/** An agent that is to take over from six pods behind a Service of its name. */
function setScene(options: WorldOptions = {}): World {
  const world = new World(options);
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { ...legacy, annotations: { note: 'mine' } }, spec: { replicas: handMade, selector: {}, template: {} }, status: { replicas: handMade } };
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { ...address, labels: { team: 'shop' }, annotations: { note: 'mine' } }, spec: { type: 'ClusterIP', clusterIP: '10.0.0.9', clusterIPs: ['10.0.0.9'], ports: [{ port: 80, targetPort: 9000 }], selector: { app: 'legacy' } } };
  world.cluster.put(deployments, deployment);
  world.cluster.put(services, service);
  world.ask('good 1');
  adopt(world, { deploymentRef: { name: 'legacy' } });
  return world;
}

function adopt(world: World, value: AgentDeployment['spec']['adopt']): void {
  const { adopt: _former, ...spec } = world.agent.spec;
  const changed: AgentDeployment = { ...world.agent, spec: value === undefined ? spec : { ...spec, adopt: value } };
  world.cluster.put(agentDeployments, changed);
}

function handMadeOf(world: World): Deployment {
  return world.cluster.find(deployments, legacy) as Deployment;
}

function serviceOf(world: World): Service {
  return world.cluster.find(services, address) as Service;
}

function condition(world: World) {
  return world.agent.status?.conditions?.find(({ type }) => type === 'Adopted');
}

/** Pods that the Service reaches: those made by hand, or the ready ones of the agent. */
function served(world: World): number {
  const byHand = serviceOf(world).spec?.selector?.['app'] === 'legacy';
  if (byHand) return Math.min(handMadeOf(world).spec.replicas ?? 0, (handMadeOf(world).status as { replicas: number }).replicas);
  return world.deployments.reduce((sum, { spec, status }) => sum + Math.min(spec.replicas ?? 0, status?.readyReplicas ?? 0), 0);
}

async function settle(world: World, look: () => void = () => undefined): Promise<void> {
  for (let round = 0; round < 80; round += 1) {
    await world.reconcile();
    look();
    world.pass(3_000, 0.5);
    const present = handMadeOf(world);
    const moved: Deployment = { ...present, status: { ...present.status, replicas: present.spec.replicas } } as Deployment;
    world.cluster.put(deployments, moved);
    if (condition(world)?.status === 'True' && world.agent.status?.phase === 'Healthy') return;
  }
}

function endState(world: World) {
  const { metadata, spec } = serviceOf(world);
  return {
    service: { labels: metadata.labels, annotations: metadata.annotations, owner: metadata.ownerReferences?.map(({ name }) => name), spec },
    deployment: { replicas: handMadeOf(world).spec.replicas, annotations: handMadeOf(world).metadata.annotations },
    condition: condition(world)?.message,
    releases: (world.cluster.list('Release') as Release[]).map(({ metadata: { name }, status }) => `${name} ${status?.phase}`),
  };
}

describe('the adoption of a hand-made Deployment', { timeout: 300_000 }, () => {
  it('ends with the agent behind the same address, and nobody is without pods meanwhile', async () => {
    const world = setScene();
    const steps = new Set<number>();
    await settle(world, () => {
      steps.add(handMadeOf(world).spec.replicas ?? 0);
      expect(served(world), 'somebody serves').toBeGreaterThanOrEqual(3);
      if (serviceOf(world).spec?.selector?.['app'] === 'legacy') expect(handMadeOf(world).spec.replicas, 'all of them serve until the Service moves').toBe(handMade);
    });
    expect([...steps]).toEqual([6, 3, 1, 0]);
    expect(endState(world)).toMatchObject({
      service: { labels: { team: 'shop', 'sluice.dev/agent': 'support' }, annotations: { note: 'mine' }, owner: ['support'], spec: { clusterIP: '10.0.0.9', selector: { 'sluice.dev/agent': 'support' } } },
      deployment: { replicas: 0, annotations: { note: 'mine', [adoptedByAnnotation]: 'support' } },
      condition: 'Deployment "legacy" has no pods any more and can be deleted; spec.adopt can be removed',
      releases: ['support-1 Promoted'],
    });
    const { writes } = world.cluster;
    await world.reconcile();
    expect(world.cluster.writes, 'then nothing is written any more').toBe(writes);
  });

  it('ends in the same place wherever the operator dies', async () => {
    const uninterrupted = setScene();
    await settle(uninterrupted);
    const expected = endState(uninterrupted);
    const count = uninterrupted.cluster.writes;
    expect(count).toBeGreaterThan(10);
    for (let write = 0; write < count; write += 1) {
      for (const when of ['before', 'after'] as const) {
        const world = setScene();
        const point: CrashPoint = { write, when };
        world.cluster.crashAt = point;
        await settle(world, () => expect(served(world)).toBeGreaterThanOrEqual(3));
        expect(endState(world), `crash ${when} write ${write}`).toEqual(expected);
      }
    }
  });

  it('can be called off before the first revision is promoted: what was made by hand is as it was', async () => {
    const world = setScene();
    const before = { service: serviceOf(world), deployment: handMadeOf(world) };
    for (let round = 0; round < 3; round += 1) await world.reconcile();
    adopt(world, undefined);
    for (let round = 0; round < 5; round += 1) {
      await world.reconcile().catch((error: unknown) => expect(String(error)).toContain('does not belong to this AgentDeployment'));
      world.pass(3_000);
    }
    expect({ service: serviceOf(world), deployment: handMadeOf(world) }).toEqual(before);
  });

  it('does not begin beside what it cannot take over', async () => {
    const world = setScene();
    const odd: Service = { ...serviceOf(world), spec: { ...serviceOf(world).spec, ports: [{ port: 8080 }] } };
    world.cluster.put(services, odd);
    for (let round = 0; round < 5; round += 1) await world.reconcile();
    expect(world.cluster.list('Release')).toEqual([]);
    expect(world.agent.status).toMatchObject({ phase: 'Pending' });
    expect(world.agent.status?.message).toContain('let clients use port 80');
  });

  it('is told once, also while a change of the agent settles', async () => {
    const world = setScene({ changes: 'Settle' });
    await settle(world);
    world.ask('good 2');
    adopt(world, { deploymentRef: { name: 'legacy' } });
    await world.reconcile();
    expect(world.releases, 'the change may not be whole').toHaveLength(1);
    const types = world.agent.status?.conditions?.map(({ type }) => type) ?? [];
    expect(types.filter((type) => type === 'Adopted')).toEqual(['Adopted']);
    expect(new Set(types).size).toBe(types.length);
    world.pass(1_000);
    await world.reconcile();
    await settle(world);
    expect(world.releases.map(({ status }) => status?.phase)).toEqual(['Promoted', 'Promoted']);
  });

  it('waits for a person where an HPA would undo it, and goes on when that is gone', async () => {
    const world = setScene();
    const hpa = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { namespace: 'demo', name: 'legacy-hpa' }, spec: { scaleTargetRef: { kind: 'Deployment', name: 'legacy' } } };
    world.cluster.put(horizontalPodAutoscalers, hpa);
    await settle(world);
    expect(handMadeOf(world).spec.replicas).toBe(handMade);
    expect(condition(world)).toMatchObject({ status: 'False', reason: 'AutoscalerInTheWay' });
    expect(world.agent.status?.phase).toBe('Healthy');
    world.cluster.remove(horizontalPodAutoscalers, { namespace: 'demo', name: 'legacy-hpa' });
    await settle(world);
    expect(handMadeOf(world).spec.replicas).toBe(0);
  });
});
