import { afterAll, beforeAll, expect, it } from 'vitest';
import { configMaps } from '../resources/core.ts';
import { metadataOnly } from '../resource-type.ts';
import { eventually } from '../testing/eventually.ts';
import { openTestCluster, type TestCluster } from '../testing/test-cluster.ts';
import { Informer, type InformerOptions } from './informer.ts';

const names = metadataOnly(configMaps);
let cluster: TestCluster;

beforeAll(async () => {
  cluster = await openTestCluster('metadata');
});

afterAll(() => cluster.close());

it.each<NonNullable<InformerOptions<never>['listMode']>>(['streaming', 'paging'])('a cache of metadata alone follows the server (%s list)', async (listMode) => {
  const { client, namespace, call } = cluster;
  const name = `by-${listMode}`;
  await client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: { a: '1' } }, data: { large: 'x'.repeat(1_000) } }, call);
  const informer = new Informer({ client, type: names, namespace, listMode });
  const stop = new AbortController();
  const running = informer.run({ signal: stop.signal });
  await informer.whenSynced(call);
  expect(informer.store.get({ namespace, name })).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { a: '1' } } });
  expect(informer.store.get({ namespace, name })).not.toHaveProperty('data');
  await client.mergePatch(names, { namespace, name }, { metadata: { labels: { a: '2' } } }, call);
  await eventually('the change is seen', () => informer.store.get({ namespace, name })?.metadata.labels?.['a'] === '2');
  expect(informer.store.get({ namespace, name })).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
  expect(informer.store.get({ namespace, name })).not.toHaveProperty('data');
  await client.delete(names, { namespace, name }, {}, call);
  await eventually('the deletion is seen', () => informer.store.get({ namespace, name }) === undefined);
  stop.abort();
  await running;
});

it('reads get metadata, and whole writes are refused with what to do', async () => {
  const { client, call } = cluster;
  const key = { namespace: cluster.namespace, name: 'kube-root-ca.crt' };
  await eventually('every namespace has its root certificates', async () => (await client.find(configMaps, key, call)) !== undefined);
  const read = await client.get(names, key, call);
  expect(read).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: key.name } });
  expect(read).not.toHaveProperty('data');
  expect(() => client.replace(names, read, call)).toThrow('configmaps are read as metadata only');
  expect((await client.get(configMaps, key, call)).data).toHaveProperty(['ca.crt']);
});
