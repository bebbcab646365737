import type { AgentDeployment } from '@sluice/crds';
import type { KubeObject } from '@sluice/kube';
import { beforeAll, expect, it } from 'vitest';
import { MemoryCluster } from '../agent/testing/memory-cluster.ts';
import { World } from '../agent/testing/world.ts';
import { agentDeployments } from '../resources.ts';
import { shardLabel, shardOf } from './shard.ts';
import { copyInto, moveTo, ShardOperator, types, undivided } from './testing/shard-operator.ts';

/** The story is told once for each request; milliseconds. */
const timeout = 300_000;
const key = { namespace: 'demo', name: 'support' };

/** An agent of the shard blue that is about to be released. */
let blues: readonly KubeObject[];
beforeAll(async () => {
  const world = new World({ rollout: { gates: {}, historyLimit: 1 }, steps: [{ weight: 34, duration: '50s' }] });
  for (const prompt of ['good 1', 'good 2']) {
    world.ask(prompt);
    for (let look = 0; look < 40; look += 1) {
      await world.reconcile();
      world.pass(3_000);
    }
  }
  world.ask('good 5');
  blues = objectsOf(world.cluster).map(ofBlue);
}, timeout);

function ofBlue(object: KubeObject): KubeObject {
  if (undivided.has(object.kind)) return object;
  const placed = { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, [shardLabel]: 'blue' } } };
  return object.kind === 'AgentDeployment' ? { ...placed, status: { ...(object as AgentDeployment).status, shard: 'blue' } } as KubeObject : placed;
}

function objectsOf(cluster: MemoryCluster): KubeObject[] {
  return Object.values(types).flatMap(({ kind }) => cluster.list(kind));
}

/** One commit: the label and the spec. */
function moveAndAsk(cluster: MemoryCluster, prompt: string): void {
  const agent = cluster.find(agentDeployments, key) as AgentDeployment;
  cluster.put(agentDeployments, { ...agent, spec: { ...agent.spec, agent: { ...agent.spec.agent, prompt: { inline: prompt } } } } as AgentDeployment);
  moveTo(cluster, 'red');
}

/** Blue is held up before its request number `request`; red takes the agent over and is done; then blue goes on. Undefined: blue needs no more requests. */
async function leftBehind(request: number): Promise<{ readonly left: readonly string[]; readonly mark: string | undefined } | undefined> {
  const cluster = new MemoryCluster();
  const time = { now: Date.parse('2026-11-22T12:00:00.000Z') };
  copyInto(cluster, blues);
  const blue = new ShardOperator({ cluster, shard: 'blue', time });
  const stopped = blue.holdAt(request);
  const working = blue.settle();
  await Promise.race([stopped, working]);
  if (blue.requests <= request) return undefined;
  moveAndAsk(cluster, 'good 6');
  const red = new ShardOperator({ cluster, shard: 'red', time });
  for (let look = 0; look < 8; look += 1) {
    await red.look();
    time.now += 1_000;
  }
  blue.release();
  await working;
  await red.settle();
  await red.settle();
  const left = objectsOf(cluster).filter((object) => !undivided.has(object.kind) && shardOf(object) !== 'red').map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  return { left, mark: (cluster.find(agentDeployments, key) as AgentDeployment).status?.searchAgainAt };
}

it('what a former operator makes when the take-over is done is found, whichever of its requests was on its way', { timeout }, async () => {
  let request = 0;
  for (let found = await leftBehind(request); found !== undefined; found = await leftBehind(request)) {
    expect(found, `blue was held up before request ${request}`).toEqual({ left: [], mark: undefined });
    request += 1;
  }
  expect(request).toBeGreaterThan(10);
});
