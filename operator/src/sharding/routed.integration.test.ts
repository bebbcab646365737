import { pods, type ResourceType } from '@sluice/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWrite } from '../integration/api-request.ts';
import { installGatewayApi } from '../integration/gateway-api.ts';
import { leftovers } from '../integration/leftovers.ts';
import type { AgentSketch } from '../integration/manifests.ts';
import { makeIdentity } from '../integration/operator-identity.ts';
import { PlayedGateway, takesAll } from '../integration/played-gateway.ts';
import { PlayedKubelet } from '../integration/played-kubelet.ts';
import { RunningOperator } from '../integration/running-operator.ts';
import { phasesOf, Scene } from '../integration/scene.ts';
import { call, TestCluster } from '../integration/test-cluster.ts';
import { until } from '../integration/until.ts';
import { agentDeployments, releases } from '../resources.ts';
import { httpRoutes, type HTTPRoute } from '../traffic/http-routes.ts';
import { shardLabel } from './shard.ts';

let cluster: TestCluster;
let kubelet: PlayedKubelet;
let gateway: PlayedGateway;

beforeAll(async () => {
  cluster = await TestCluster.connect(process.env);
  await installGatewayApi(cluster);
  kubelet = PlayedKubelet.start(cluster);
  gateway = PlayedGateway.start(cluster);
});

afterAll(async () => {
  await kubelet?.stop();
  await gateway?.stop();
  await cluster?.close();
});

const steps = [{ weight: 50, duration: '10m' }];
const route = { parentRefs: [{ name: takesAll }], hostnames: ['support.example.com'], pathPrefix: '/' };
const stickiness = { header: 'x-pin', cookie: 'agent-revision' };

interface Move {
  readonly scene: Scene;
  readonly blue: RunningOperator;
  readonly red: RunningOperator;
}

/** An agent with a route in the shard blue, in the midst of its second release; red runs beside. */
async function inMidRelease(title: string, sketch: AgentSketch): Promise<Move> {
  const scene = await Scene.open(cluster, title);
  const identity = await makeIdentity(cluster, [scene.namespace]);
  const start = (shard: string): Promise<RunningOperator> => RunningOperator.start(cluster, identity, `operator-${shard}`, { shard });
  const [blue, red] = await Promise.all([start('blue'), start('red')]);
  await scene.applyAgent({ ...sketch, prompt: 'one' });
  await moveTo(scene, 'blue');
  await scene.untilHealthy();
  await scene.applyAgent({ ...sketch, prompt: 'two', steps });
  await scene.untilRelease('support-2', 'is in its step', (status) => status.phase === 'Shifting' && status.stepStartedAt !== undefined);
  return { scene, blue, red };
}

function moveTo(scene: Scene, shard: string, spec: object = {}): Promise<unknown> {
  return scene.admin.mergePatch(agentDeployments, { namespace: scene.namespace, name: 'support' }, { metadata: { labels: { [shardLabel]: shard } }, spec }, call);
}

/** What the agent has by kind and name, each with its shard and the version of its spec. */
async function belongings(scene: Scene): Promise<readonly string[]> {
  const titles = new Set(await leftovers(scene, [httpRoutes]));
  return [...titles].filter((title) => !title.startsWith('AgentDeployment ') && !title.startsWith('ReplicaSet ')).toSorted();
}

function dividing({ spec, metadata }: HTTPRoute): unknown {
  return [metadata.uid, metadata.generation, spec];
}

function writesSince(operator: RunningOperator, count: number): readonly string[] {
  const seen = operator.proxy.requests.slice(count).filter((request) => isWrite(request) && !['leases', 'events'].includes(request.resource) && request.code < 300);
  return seen.map(({ verb, resource }) => `${verb} ${resource}`);
}

async function expectHandedOver({ scene, blue, red }: Move): Promise<void> {
  const moved = async (): Promise<readonly (string | undefined)[]> => [...new Set((await scene.list(httpRoutes as ResourceType)).concat(await scene.list(pods as ResourceType), await scene.list(releases as unknown as ResourceType)).map(({ metadata }) => metadata.labels?.[shardLabel]))];
  await until('red looks after it', () => scene.agent(), ({ status }) => status?.shard === 'red' && status.takeOver === undefined && status.phase === 'Progressing');
  expect(await moved()).toEqual(['red']);
  for (const operator of [blue, red]) expect(operator.proxy.requests.filter(({ code }) => code === 403)).toEqual([]);
}

describe.concurrent('an agent with a route in mid-release', { timeout: 240_000 }, () => {
  it('goes to another shard with its route, its weights and its pods as they are, and is promoted there', async () => {
    const move = await inMidRelease('routed-move', { route, stickiness });
    const { scene, blue, red } = move;
    const before = await scene.get(httpRoutes, 'support');
    const [things, phases] = [await belongings(scene), phasesOf(await scene.get(releases, 'support-2'))];
    await moveTo(scene, 'red');
    await expectHandedOver(move);
    const late = blue.proxy.requests.length;
    expect(dividing(await scene.get(httpRoutes, 'support'))).toEqual(dividing(before));
    expect(await belongings(scene)).toEqual(things);
    expect(phasesOf(await scene.get(releases, 'support-2'))).toEqual(phases);
    await scene.applyAgent({ prompt: 'two', route, stickiness, steps: [{ weight: 50, duration: '1s' }] });
    await scene.untilPhase('support-2', 'Promoted');
    await scene.untilHealthy();
    expect((await scene.list(releases)).map(({ metadata }) => metadata.name).toSorted()).toEqual(['support-1', 'support-2']);
    expect(writesSince(blue, late), 'blue writes nothing of it any more').toEqual([]);
    await Promise.all([blue.stop(), red.stop()]);
  });

  it('is touched by neither while it is suspended, and taken over when it is resumed', async () => {
    const move = await inMidRelease('suspended-move', { route });
    const { scene, blue, red } = move;
    const labelled = async (): Promise<unknown> => (await Promise.all([httpRoutes, pods, releases].map((type) => scene.list(type as unknown as ResourceType)))).flat().map(({ metadata }) => [metadata.name, metadata.resourceVersion, metadata.labels?.[shardLabel]]);
    await scene.applyAgent({ prompt: 'two', route, steps, suspend: true });
    await scene.untilAgent('it is suspended', ({ phase }) => phase === 'Suspended');
    const [before, seen] = [await labelled(), { blue: blue.proxy.requests.length, red: red.proxy.requests.length }];
    await moveTo(scene, 'red');
    const { status } = await scene.untilAgent('red says so', ({ message }) => message?.includes('then this shard takes it over') === true);
    expect(status).toMatchObject({ phase: 'Suspended', shard: 'blue', release: { name: 'support-2', phase: 'Shifting' } });
    expect(await labelled()).toEqual(before);
    expect(writesSince(red, seen.red)).toEqual(['update agentdeployments/status']);
    expect(writesSince(blue, seen.blue)).toEqual([]);
    await moveTo(scene, 'red', { suspend: false });
    await expectHandedOver(move);
    const { status: release } = await scene.untilRelease('support-2', 'goes on', ({ phase, durations }) => phase === 'Shifting' && (durations?.heldMilliseconds ?? 0) > 0);
    expect(release?.transitions?.slice(-2).map(({ phase }) => phase)).toEqual(['Held', 'Shifting']);
    await scene.admin.delete(agentDeployments, { namespace: scene.namespace, name: 'support' }, { propagationPolicy: 'Background' }, call);
    await until('nothing of it is left', () => leftovers(scene, [httpRoutes]), (left) => left.length === 0);
    await Promise.all([blue.stop(), red.stop()]);
  });
});
