import { deployments, services } from '@sluice/kube';
import { expect, it } from 'vitest';
import { takesAll } from '../integration/played-gateway.ts';
import { routedStage } from '../integration/routed-stage.ts';
import { Scene } from '../integration/scene.ts';
import { call } from '../integration/test-cluster.ts';
import { until } from '../integration/until.ts';
import { releases } from '../resources.ts';
import { httpRoutes } from './http-routes.ts';

const stage = routedStage();

const route = { parentRefs: [{ name: takesAll }], hostnames: ['support.example.com'], pathPrefix: '/' };

it('a first release that is aborted while a route names it leaves neither route nor pods, and the next one is routed as the first', { timeout: 180_000 }, async () => {
  const scene = await Scene.open(stage.cluster(), 'routed-aborted');
  const names = async () => [...(await scene.list(deployments)), ...(await scene.list(httpRoutes)), ...(await scene.list(services))].map(({ kind, metadata: { name } }) => `${kind} ${name}`);
  await scene.applyAgent({ prompt: 'one [pods:1]', route });
  await until('a route names it', () => scene.find(httpRoutes, 'support'), (found) => found !== undefined);
  const { spec } = await scene.untilPhase('support-1', 'Promoting');
  await scene.admin.mergePatch(releases, { namespace: scene.namespace, name: 'support-1' }, { spec: { intent: { verb: 'Abort', revision: spec.revision, requestId: 'story-1', by: 'story' } } }, call);
  await scene.untilPhase('support-1', 'Aborted');
  await until("nothing but the agent's own Service is left", names, (found) => found.join() === 'Service support');
  const { status } = await scene.untilAgent('it serves nobody', ({ phase }) => phase === 'Degraded');
  expect(status?.message).toContain('No revision serves');

  await scene.applyAgent({ prompt: 'two', route });
  const agent = await scene.untilHealthy();
  expect(agent.status?.traffic).toMatchObject({ router: 'Gateway', state: 'Verified' });
  expect((await scene.get(httpRoutes, 'support')).spec.rules?.[0]?.backendRefs?.map(({ name }) => name)).toEqual([`support-${agent.status?.stable?.revision}`]);
});
