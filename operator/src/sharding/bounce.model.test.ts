import type { AgentDeployment, Release } from '@sluice/crds';
import type { Deployment, KubeObject } from '@sluice/kube';
import { beforeAll, describe, expect, it } from 'vitest';
import { MemoryCluster } from '../agent/testing/memory-cluster.ts';
import { World } from '../agent/testing/world.ts';
import { shardLabel, shardOf } from './shard.ts';
import { copyInto, moveTo, ShardOperator, types, undivided } from './testing/shard-operator.ts';

const timeout = 300_000;
const startedAt = Date.parse('2026-11-22T10:00:00.000Z');

async function lookFor(world: World, looks: number): Promise<void> {
  for (let look = 0; look < looks; look += 1) {
    await world.reconcile();
    world.pass(3_000);
  }
}

/** The spec asks for a revision that was aborted; the first Release has expired. All is of the shard blue. */
async function afterAbort(): Promise<readonly KubeObject[]> {
  const world = new World({ rollout: { gates: {}, historyLimit: 1 }, steps: [{ weight: 34, duration: '50s' }] });
  for (const prompt of ['good 1', 'good 2', 'good 3']) {
    world.ask(prompt);
    await lookFor(world, 40);
  }
  world.ask('good 9');
  await lookFor(world, 3);
  world.wish('Abort', world.releases.at(-1)!);
  await lookFor(world, 40);
  return objectsOf(world.cluster).map((object) => (undivided.has(object.kind) ? object : labelled(object, 'blue')));
}

function labelled(object: KubeObject, shard: string): KubeObject {
  const placed = { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, [shardLabel]: shard } } };
  const { status } = object as AgentDeployment;
  return object.kind === 'AgentDeployment' ? { ...placed, status: { ...status, shard } } as KubeObject : placed;
}

function objectsOf(cluster: MemoryCluster): KubeObject[] {
  return Object.values(types).flatMap(({ kind }) => cluster.list(kind));
}

let blues: readonly KubeObject[];
beforeAll(async () => {
  const cluster = new MemoryCluster();
  copyInto(cluster, await afterAbort());
  await new ShardOperator({ cluster, shard: 'blue', time: { now: startedAt } }).settle();
  blues = objectsOf(cluster);
}, timeout);

interface Fleet {
  readonly cluster: MemoryCluster;
  readonly operator: (shard: string) => ShardOperator;
}

function fleet(objects: readonly KubeObject[] = blues): Fleet {
  const cluster = new MemoryCluster();
  const time = { now: startedAt + 60_000 };
  copyInto(cluster, objects);
  return { cluster, operator: (shard) => new ShardOperator({ cluster, shard, time }) };
}

/** What must be the same whoever looks after the agent. */
function stateOf(cluster: MemoryCluster) {
  const [agent] = cluster.list('AgentDeployment') as AgentDeployment[];
  return {
    releases: (cluster.list('Release') as Release[]).map(({ metadata, spec, status }) => `${metadata.name} ${spec.revision} ${status?.phase}`).toSorted(),
    deployments: (cluster.list('Deployment') as Deployment[]).map(({ metadata, spec }) => `${metadata.name} ${spec.replicas}`).toSorted(),
    objects: objectsOf(cluster).map(({ kind, metadata }) => `${kind}/${metadata.name}`).toSorted(),
    says: [agent?.status?.phase, agent?.status?.stable?.revision, agent?.status?.release?.name, agent?.status?.takeOver],
  };
}

function shardsOf(cluster: MemoryCluster): unknown[] {
  const [agent] = cluster.list('AgentDeployment') as AgentDeployment[];
  return [...new Set([...objectsOf(cluster).filter(({ kind }) => !undivided.has(kind)).map(shardOf), agent?.status?.shard])];
}

/** The requests that red needs for an undisturbed take-over, and for the looks that follow. */
async function requestsOfRed(): Promise<number> {
  const { cluster, operator } = fleet();
  moveTo(cluster, 'red');
  const red = operator('red');
  await red.settle();
  return red.requests;
}

describe('an agent that goes from blue to red', { timeout }, () => {
  it('ends an aborted release and an expired history in the story: Releases 3 and 4 are left', () => {
    const { cluster } = fleet();
    expect(stateOf(cluster).releases.map((release) => release.replace(/ \S+ /, ' '))).toEqual(['support-2 Promoted', 'support-3 Promoted', 'support-4 Aborted']);
    expect(shardsOf(cluster)).toEqual(['blue']);
  });

  it('is taken over whole, and nothing of it changes', async () => {
    const { cluster, operator } = fleet();
    const before = stateOf(cluster);
    moveTo(cluster, 'red');
    await operator('red').settle();
    expect(stateOf(cluster)).toEqual(before);
    expect(shardsOf(cluster)).toEqual(['red']);
  });

  it('and back, while red is held up before any of its requests, which it makes later: blue has all of it, and keeps it', async () => {
    const requests = await requestsOfRed();
    expect(requests).toBeGreaterThan(25);
    for (let request = 0; request < requests; request += 1) {
      const { cluster, operator } = fleet();
      const before = stateOf(cluster);
      moveTo(cluster, 'red');
      const red = operator('red');
      const stopped = red.holdAt(request);
      const working = red.settle();
      await stopped;
      moveTo(cluster, 'blue');
      const blue = operator('blue');
      await blue.settle();
      const where = `red was held up before request ${request} of ${requests}`;
      expect({ ...stateOf(cluster), shards: shardsOf(cluster) }, where).toEqual({ ...before, shards: ['blue'] });
      red.release();
      await working;
      await blue.settle();
      expect({ ...stateOf(cluster), shards: shardsOf(cluster) }, `${where}, and went on`).toEqual({ ...before, shards: ['blue'] });
    }
  });

  it('is taken over by the next process of red, wherever the first one stopped', async () => {
    const requests = await requestsOfRed();
    for (let request = 0; request < requests; request += 1) {
      const { cluster, operator } = fleet();
      const before = stateOf(cluster);
      moveTo(cluster, 'red');
      const red = operator('red');
      const stopped = red.holdAt(request);
      void red.settle();
      await stopped;
      await operator('red').settle();
      expect({ ...stateOf(cluster), shards: shardsOf(cluster) }, `stopped before request ${request} of ${requests}`).toEqual({ ...before, shards: ['red'] });
    }
  });
});

describe('an agent whose objects have the label of another shard, though its status says nothing of that', { timeout }, () => {
  it('is taken over before anything is decided: an aborted revision is not released anew', async () => {
    const { cluster, operator } = fleet(blues.map((object) => (undivided.has(object.kind) || object.kind === 'AgentDeployment' ? object : labelled(object, 'red'))));
    const before = stateOf(cluster);
    await operator('blue').settle();
    expect(stateOf(cluster)).toEqual(before);
    expect(shardsOf(cluster)).toEqual(['blue']);
  });
});
