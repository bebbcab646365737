import { setTimeout as wait } from 'node:timers/promises';
import { deployments, horizontalPodAutoscalers, type KubeObject, networkPolicies, services } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { removeHTTPRoutes } from '../integration/gateway-api.ts';
import { leftovers } from '../integration/leftovers.ts';
import type { AgentSketch } from '../integration/manifests.ts';
import { makeIdentity } from '../integration/operator-identity.ts';
import { takesAll } from '../integration/played-gateway.ts';
import { routedStage } from '../integration/routed-stage.ts';
import { RunningOperator } from '../integration/running-operator.ts';
import { Scene } from '../integration/scene.ts';
import { bringInto, type StandingPhase } from '../integration/stories/phases.ts';
import { call } from '../integration/test-cluster.ts';
import { until } from '../integration/until.ts';
import { agentDeployments } from '../resources.ts';
import { httpRoutes } from './http-routes.ts';
import { DeletionLog } from './testing/deletion-log.ts';

/** Long enough for an operator that makes things again to do so. Milliseconds. */
const quietMs = 2_000;
const policies = ['Background', 'Foreground'] as const;

const stage = routedStage();

const route = { parentRefs: [{ name: takesAll }], hostnames: ['support.example.com'], pathPrefix: '/' };
const autoscaling = { minReplicas: 2, maxReplicas: 4, targetCPUUtilizationPercent: 70 };
const long = '10m';
const one: AgentSketch = { prompt: 'one', route };
const two: AgentSketch = { prompt: 'two', route };

const standing: readonly (StandingPhase & { readonly title: string })[] = [
  { title: 'divides the requests', phase: 'Shifting', before: { ...one, autoscaling }, sketch: { ...two, autoscaling, steps: [{ weight: 50, duration: long }] } },
  { title: 'copies requests', phase: 'Shifting', before: one, sketch: { ...two, steps: [{ mirrorPercent: 50, duration: long }] } },
  { title: 'is paused', phase: 'Paused', before: one, sketch: { ...two, steps: [{ weight: 50, duration: long }] }, verb: 'Pause' },
  { title: 'waits for pods to be promoted', phase: 'Promoting', before: one, sketch: { ...two, prompt: 'two [pods:1]', steps: [{ weight: 50, duration: '1s' }] } },
];

/** What gets requests by the route goes after it. */
async function everythingGoesAfterTheRoute(scene: Scene): Promise<void> {
  const served = async () => [...(await scene.list(deployments)), ...(await scene.list(services)).filter(({ metadata }) => metadata.name !== 'support')];
  await until('all that the route needs goes after it', served, (found) => found.every(({ metadata }) => metadata.ownerReferences?.map(({ kind }) => kind).join() === 'AgentDeployment,HTTPRoute'));
}

async function expectGone(scene: Scene, propagationPolicy: 'Background' | 'Foreground'): Promise<readonly string[]> {
  const log = await DeletionLog.start(stage.cluster(), scene.namespace, [httpRoutes, services, deployments]);
  const left = () => leftovers(scene, [httpRoutes]);
  await scene.admin.delete(agentDeployments, { namespace: scene.namespace, name: 'support' }, { propagationPolicy }, call);
  await until('nothing of it is left', left, (found) => found.length === 0);
  await wait(quietMs);
  expect(await left()).toEqual([]);
  await log.stop();
  return log.order.filter((title) => title !== 'Service support');
}

function expectRouteFirst(order: readonly string[], others: number): void {
  expect(order[0]).toBe('HTTPRoute support');
  expect(order).toHaveLength(1 + others);
}

describe.concurrent('an agent with a route that is deleted', { timeout: 240_000 }, () => {
  it.each(standing.flatMap((each, index) => ({ ...each, policy: policies[index % 2] ?? 'Background' })))(
    'while its release $title takes everything with it, the route before what it sends requests to: $policy',
    async ({ policy, ...phase }) => {
      const scene = await Scene.open(stage.cluster(), 'routed-gone');
      await bringInto(scene, phase);
      await until('the route names both revisions', () => scene.get(httpRoutes, 'support'), ({ spec }) => new Set(JSON.stringify(spec).match(/support-[0-9a-f]+/g)).size === 2);
      if (phase.sketch.autoscaling !== undefined) await until('each has an HPA', () => scene.list(horizontalPodAutoscalers), (found) => found.length === 2);
      await everythingGoesAfterTheRoute(scene);
      expectRouteFirst(await expectGone(scene, policy), 4);
    },
  );

  it('in the middle of a rollback takes everything with it', async () => {
    const scene = await Scene.open(stage.cluster(), 'routed-back');
    await scene.applyAgent(one);
    await scene.untilHealthy();
    await scene.applyAgent({ ...two, prompt: 'two [live:failing]', steps: [{ weight: 50, duration: long }] });
    await until('half of the requests', () => scene.get(httpRoutes, 'support'), ({ spec }) => spec.rules?.[0]?.backendRefs?.length === 2);
    await scene.untilRelease('support-2', 'is in its step', ({ stepStartedAt }) => stepStartedAt !== undefined);
    await everythingGoesAfterTheRoute(scene);
    stage.gateway().deafTo.add(scene.namespace);
    await scene.untilPhase('support-2', 'RollingBack');
    await until('all requests go back', () => scene.get(httpRoutes, 'support'), ({ spec }) => spec.rules?.[0]?.backendRefs?.length === 1);
    expectRouteFirst(await expectGone(scene, 'Foreground'), 4);
  });

  it('without an operator takes everything with it in the same order', async () => {
    const scene = await Scene.open(stage.cluster(), 'routed-alone');
    const own = await makeIdentity(stage.cluster(), [scene.namespace]);
    const attending = await RunningOperator.start(stage.cluster(), own, 'operator-x', { shard: 'alone' });
    await scene.applyAgent(one);
    await scene.admin.mergePatch(agentDeployments, { namespace: scene.namespace, name: 'support' }, { metadata: { labels: { 'sluice.dev/shard': 'alone' } } }, call);
    await until('its operator looks after it', () => scene.agent(), ({ status }) => status?.shard === 'alone' && status.takeOver === undefined && status.phase === 'Healthy');
    await everythingGoesAfterTheRoute(scene);
    await attending.kill();
    expectRouteFirst(await expectGone(scene, 'Background'), 2);
  });

  it('a moment after it was made, or after it lost its route, takes everything with it', async () => {
    const scene = await Scene.open(stage.cluster(), 'routed-early');
    for (const ms of [150, 700]) {
      await scene.applyAgent(one);
      await wait(ms);
      await expectGone(scene, 'Background');
    }
    await scene.applyAgent(one);
    await scene.untilHealthy();
    await everythingGoesAfterTheRoute(scene);
    await scene.applyAgent({ prompt: 'one' });
    await until('no route is left', () => scene.list(httpRoutes), (found) => found.length === 0);
    await until('nothing speaks of the route any more', () => scene.list(deployments), (found) => found.every(({ metadata }) => metadata.ownerReferences?.length === 1));
    await expectGone(scene, 'Foreground');
  });
});

describe('an agent whose route went with the Gateway API', { timeout: 240_000 }, () => {
  const suspend = (scene: Scene, name: string, value: boolean) => scene.admin.mergePatch(agentDeployments, { namespace: scene.namespace, name }, { spec: { suspend: value } }, call);
  const ownedBy = async (scene: Scene, name: string) => [...(await scene.list(deployments)), ...(await scene.list(services)), ...(await scene.list(networkPolicies))].filter(({ metadata }) => metadata.name.startsWith(name));
  const namesRoute = ({ metadata }: KubeObject) => metadata.ownerReferences?.some(({ kind }) => kind === 'HTTPRoute') === true;

  it('is deleted like any other, and one that was suspended meanwhile when it is resumed', async () => {
    const scene = await Scene.open(stage.cluster(), 'routed-no-api');
    for (const name of ['support', 'asleep']) {
      await scene.applyAgent({ ...one, name, route: { ...route, hostnames: [`${name}.example.com`] } });
      await scene.untilAgent(`${name} is healthy`, ({ phase }) => phase === 'Healthy', name);
      await until(`what the route of ${name} needs goes after it`, () => ownedBy(scene, name), (found) => found.filter(namesRoute).length >= 3);
    }
    await suspend(scene, 'asleep', true);
    await scene.untilAgent('it is suspended', ({ phase }) => phase === 'Suspended', 'asleep');
    await removeHTTPRoutes(stage.cluster());
    await until('the missing API is named', () => scene.agent(), ({ status }) => status?.traffic?.state === 'Refused');
    await scene.admin.delete(agentDeployments, { namespace: scene.namespace, name: 'support' }, { propagationPolicy: 'Background' }, call);
    await until('nothing of it is left', () => ownedBy(scene, 'support'), (left) => left.length === 0);
    await suspend(scene, 'asleep', false);
    const awake = await until('nothing speaks of the route any more', () => ownedBy(scene, 'asleep'), (found) => !found.some(namesRoute));
    expect(awake.length, 'it serves on').toBeGreaterThanOrEqual(3);
    await scene.admin.delete(agentDeployments, { namespace: scene.namespace, name: 'asleep' }, { propagationPolicy: 'Background' }, call);
    await until('nothing is left', () => leftovers(scene), (left) => left.length === 0);
  });
});
