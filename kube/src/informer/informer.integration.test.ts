import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigMap } from '../resources/core.ts';
import { configMaps } from '../resources/core.ts';
import { eventually } from '../testing/eventually.ts';
import { openTestCluster, type TestCluster } from '../testing/test-cluster.ts';
import { Informer } from './informer.ts';

let cluster: TestCluster;
let informer: Informer<ConfigMap>;
let stop: AbortController;
let running: Promise<void>;

beforeAll(async () => {
  cluster = await openTestCluster('informer');
});

afterAll(() => cluster.close());

beforeEach(() => {
  stop = new AbortController();
  informer = new Informer({ client: cluster.client, type: configMaps, namespace: cluster.namespace, labelSelector: 'churn=yes', pageSize: 20 });
});

afterEach(async () => {
  stop.abort();
  await running;
});

function configMap(name: string, v: number): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: cluster.namespace, labels: { churn: 'yes' } }, data: { v: String(v) } };
}

/** Name and version of everything, as the server and as the cache have it. */
async function server(): Promise<string[]> {
  const found: string[] = [];
  for await (const object of cluster.client.listAll(configMaps, { namespace: cluster.namespace, labelSelector: 'churn=yes' }, cluster.call)) found.push(`${object.metadata.name}@${object.metadata.resourceVersion}`);
  return found.toSorted((left, right) => left.localeCompare(right));
}

function cache(objects = informer.store.list()): string[] {
  return objects.map((object) => `${object.metadata.name}@${object.metadata.resourceVersion}`).toSorted((left, right) => left.localeCompare(right));
}

/** Creates, updates and deletes from four writers at once. */
async function churn(rounds: number): Promise<void> {
  const { client, call, namespace } = cluster;
  const writer = async (id: number) => {
    for (let round = 0; round < rounds; round++) {
      const name = `churn-${id}-${round % 5}`;
      await client.apply(configMaps, configMap(name, round), { fieldManager: 'churn', conflicts: 'force' }, call);
      if (round % 3 === 2) await client.delete(configMaps, { namespace, name }, {}, call);
    }
  };
  await Promise.all([0, 1, 2, 3].map(writer));
}

describe('Informer on a real API server', () => {
  it('ends with what the server has after churn, and its handlers with the same', async () => {
    for (let index = 0; index < 50; index++) await cluster.client.create(configMaps, configMap(`before-${index}`, 0), cluster.call);
    const heard = new Map<string, ConfigMap>();
    informer.addHandler({
      onAdd: (object) => heard.set(object.metadata.name, object),
      onUpdate: (object) => heard.set(object.metadata.name, object),
      onDelete: (object) => heard.delete(object.metadata.name),
    });
    running = informer.run({ signal: stop.signal });
    await informer.whenSynced(cluster.call);
    expect(informer.store.size).toBe(50);
    await churn(40);
    const expected = await server();
    await eventually('the cache equals the server', () => cache().join() === expected.join());
    expect(cache([...heard.values()])).toEqual(expected);
  });

  it('catches up after it was stopped during churn', async () => {
    const first = new AbortController();
    running = informer.run({ signal: first.signal });
    await informer.whenSynced(cluster.call);
    const churning = churn(20);
    first.abort();
    await running;
    await churning;
    running = informer.run({ signal: stop.signal });
    const expected = await server();
    await eventually('the cache equals the server', () => cache().join() === expected.join());
  });
});
