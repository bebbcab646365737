import { deployments, services } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { takesAll } from '../integration/played-gateway.ts';
import { routedStage } from '../integration/routed-stage.ts';
import { Scene } from '../integration/scene.ts';
import { call } from '../integration/test-cluster.ts';
import { until } from '../integration/until.ts';
import { releases } from '../resources.ts';
import { httpRoutes, type HTTPRoute } from '../traffic/http-routes.ts';

const stage = routedStage();

const labels = { app: 'legacy' };
const legacy = {
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'legacy' },
  spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'legacy:1' }] } } },
};
const serviceOf = (name: string) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: labels, ports: [{ port: 80, targetPort: 9000 }] } });
const routeOf = (name: string, service: string) => ({
  apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name },
  spec: { parentRefs: [{ name: takesAll }], hostnames: ['support.example.com'], rules: [{ backendRefs: [{ name: service, port: 80 }] }] },
});
const route = { parentRefs: [{ name: takesAll }], hostnames: ['support.example.com'], pathPrefix: '/' };
const adopt = { deploymentRef: { name: 'legacy' } };

async function withLegacy(title: string, service: string, byHand?: string): Promise<Scene> {
  const scene = await Scene.open(stage.cluster(), title);
  await scene.apply(deployments, legacy);
  await scene.apply(services, serviceOf(service));
  if (byHand !== undefined) await scene.apply(httpRoutes, routeOf(byHand, service));
  return scene;
}

function untilAdoption(scene: Scene, reason: string) {
  return scene.untilAgent(`adoption: ${reason}`, ({ conditions }) => conditions?.some((each) => each.type === 'Adopted' && each.reason === reason) === true);
}

function messageOf(agent: Awaited<ReturnType<Scene['agent']>>): string {
  return agent.status?.conditions?.find(({ type }) => type === 'Adopted')?.message ?? '';
}

/** A hand's spec and generation. */
async function asWritten(scene: Scene, name: string): Promise<readonly [HTTPRoute['spec'], number | undefined]> {
  const { spec, metadata } = await scene.get(httpRoutes, name);
  return [spec, metadata.generation];
}

describe.concurrent('an agent with a route that adopts what was made by hand', { timeout: 240_000 }, () => {
  it('takes the Service over and leaves the HTTPRoute of the user, who is told that it goes past the weights', async () => {
    const scene = await withLegacy('adopt-routed', 'support', 'by-hand');
    const address = (await scene.get(services, 'support')).spec as { clusterIP?: string };
    const before = await asWritten(scene, 'by-hand');
    await scene.applyAgent({ prompt: 'one', route, adopt });
    const told = await untilAdoption(scene, 'RouteInTheWay');
    expect(messageOf(told)).toContain('HTTPRoute "by-hand" still sends requests for the same host to the agent, past the weights of the agent\'s own: delete it (kubectl delete httproute by-hand)');
    expect(told.status?.phase).toBe('Healthy');
    const service = await scene.get(services, 'support');
    expect(service.spec).toMatchObject({ clusterIP: address.clusterIP, selector: { 'sluice.dev/revision': told.status?.stable?.revision } });
    expect((await scene.get(deployments, 'legacy')).spec.replicas, 'nothing leads to these pods any more').toBe(0);
    expect(await asWritten(scene, 'by-hand')).toEqual(before);
    expect((await scene.get(httpRoutes, 'support')).spec.hostnames, 'ready to take its place').toEqual(['support.example.com']);
    await scene.admin.delete(httpRoutes, { namespace: scene.namespace, name: 'by-hand' }, {}, call);
    await untilAdoption(scene, 'Adopted');
  });

  it('begins nothing beside an HTTPRoute of the user that has the name of its own, and says how to go on', async () => {
    const scene = await withLegacy('adopt-name', 'support', 'support');
    const before = await asWritten(scene, 'support');
    await scene.applyAgent({ prompt: 'one', route, adopt });
    const { status } = await scene.untilAgent('it is refused', ({ conditions }) => conditions?.some(({ reason }) => reason === 'AdoptionRefused') === true);
    expect(status?.message).toContain('HTTPRoute "support" is not the agent\'s, whose own needs that name: make it anew under another name');
    expect(await scene.list(releases)).toEqual([]);
    expect([(await asWritten(scene, 'support')), (await scene.get(services, 'support')).spec?.selector, (await scene.get(deployments, 'legacy')).spec.replicas]).toEqual([before, labels, 2]);
    await scene.apply(httpRoutes, routeOf('copy', 'support'));
    await scene.admin.delete(httpRoutes, { namespace: scene.namespace, name: 'support' }, {}, call);
    await scene.admin.delete(httpRoutes, { namespace: scene.namespace, name: 'copy' }, {}, call);
    await untilAdoption(scene, 'Adopted');
    expect((await scene.get(httpRoutes, 'support')).metadata.ownerReferences).toMatchObject([{ kind: 'AgentDeployment' }]);
  });
});

describe.concurrent('a Deployment that is served by a Service of another name', { timeout: 240_000 }, () => {
  it('keeps its pods until the Service leads to the agent, which the command in the sentence does: its address stays', async () => {
    const scene = await withLegacy('adopt-other', 'legacy');
    const before = (await scene.get(services, 'legacy')).spec as { clusterIP?: string };
    await scene.applyAgent({ prompt: 'one', adopt });
    const blocked = await untilAdoption(scene, 'ServiceInTheWay');
    expect(blocked.status?.phase, 'the agent itself is well').toBe('Healthy');
    expect([(await scene.get(deployments, 'legacy')).spec.replicas, (await scene.get(services, 'legacy')).spec?.selector]).toEqual([2, labels]);
    const command = /kubectl (patch service legacy --type=json) -p='(.*?)'/.exec(messageOf(blocked));
    await scene.kubectl(...(command?.[1] ?? '').split(' '), `-p=${command?.[2]}`);
    await untilAdoption(scene, 'Adopted');
    const after = await scene.get(services, 'legacy');
    expect(after.spec).toMatchObject({ clusterIP: before.clusterIP, selector: { 'sluice.dev/agent': 'support' }, ports: [{ port: 80, targetPort: 'http' }] });
    expect(after.metadata.ownerReferences, 'it stays the user\'s').toBeUndefined();
    expect((await scene.get(deployments, 'legacy')).spec.replicas).toBe(0);
  });

  it('is taken over without a word where the agent has the name of the Service', async () => {
    const scene = await withLegacy('adopt-named', 'legacy');
    await scene.applyAgent({ name: 'legacy', prompt: 'one', adopt });
    await scene.untilAgent('it is adopted', ({ conditions }) => conditions?.some(({ type, status }) => type === 'Adopted' && status === 'True') === true, 'legacy');
    expect((await scene.get(services, 'legacy')).spec?.selector).toEqual({ 'sluice.dev/agent': 'legacy' });
    await until('the old pods go', () => scene.get(deployments, 'legacy'), ({ spec }) => spec.replicas === 0);
  });
});
