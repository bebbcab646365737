import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownerReference } from '../apply/ownership.ts';
import { Informer } from '../informer/informer.ts';
import { type ConfigMap, configMaps, namespaces } from '../resources/core.ts';
import { openTestCluster, type TestCluster } from '../testing/test-cluster.ts';
import { eventually } from '../testing/eventually.ts';
import { collectGarbage } from './collect-garbage.ts';
import { childId, type GarbageRules } from './garbage-decision.ts';

const run = randomUUID().slice(0, 8);
const label = { key: 'kube-tests/garbage', value: run };
let cluster: TestCluster;
let elsewhere: TestCluster;

beforeAll(async () => {
  cluster = await openTestCluster('garbage');
  elsewhere = await openTestCluster('garbage-far');
});

afterAll(async () => {
  await cluster.close();
  await elsewhere.close();
});

function put(namespace: string, name: string, metadata: Partial<ConfigMap['metadata']> = {}): Promise<ConfigMap> {
  const labels = { [label.key]: label.value, ...metadata.labels };
  return cluster.client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', data: {}, metadata: { ...metadata, name, namespace, labels } }, cluster.call);
}

async function names(namespace: string): Promise<string[]> {
  const { items } = await cluster.client.list(configMaps, { namespace, labelSelector: `${label.key}=${label.value}` }, cluster.call);
  return items.map((item) => item.metadata.name).toSorted();
}

describe('collectGarbage on a real API server', () => {
  it('deletes unwanted children here, in another namespace and cluster-wide, and nothing else', async () => {
    const { client, call, namespace } = cluster;
    const owner = await client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', data: {}, metadata: { name: 'owner', namespace } }, call);
    const uid = owner.metadata.uid ?? '';
    const ours = { ownerReferences: [ownerReference(owner, { controller: 'controller' })] };
    await put(namespace, 'wanted', ours);
    await put(namespace, 'unwanted', ours);
    await put(namespace, 'strangers');
    await put(elsewhere.namespace, 'far', { labels: { 'kube-tests/owner': uid } });
    const space = await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `kube-garbage-${run}`, labels: { [label.key]: label.value, 'kube-tests/owner': uid } } }, call);
    const rules: GarbageRules = {
      label, owner: { uid, uidLabel: 'kube-tests/owner' }, nowMs: Date.parse('2099-01-01T00:00:00Z'),
      desired: { state: 'complete', ids: new Set([childId(configMaps, { namespace, name: 'wanted' })]) },
    };
    const kinds = [{ type: configMaps }, { type: namespaces }];

    const report = await collectGarbage(client, kinds, rules, { mode: 'report' }, call);
    expect(report.counts).toEqual({ desired: 1, garbage: 3, 'not owned': 1 });
    expect([await names(namespace), await names(elsewhere.namespace)]).toEqual([['strangers', 'unwanted', 'wanted'], ['far']]);

    const incomplete = await collectGarbage(client, kinds, { ...rules, desired: { state: 'incomplete', why: 'a cache is cold' } }, { mode: 'delete' }, call);
    expect(incomplete.deleted).toEqual([]);

    const done = await collectGarbage(client, kinds, rules, { mode: 'delete', propagationPolicy: 'Foreground', concurrency: 2 }, call);
    expect(done.deleted.map(({ object }) => object.metadata.name).toSorted()).toEqual(['far', space.metadata.name, 'unwanted'].toSorted());
    await eventually('the garbage is gone', async () => (await names(namespace)).join() === 'strangers,wanted' && (await names(elsewhere.namespace)).length === 0);
    expect((await client.find(namespaces, { namespace: '', name: space.metadata.name }, call))?.metadata.deletionTimestamp ?? 'gone').toBeTruthy();
  });

  it('leaves a child that changed or was made anew since it was looked at, and one that is gone', async () => {
    const { client, call, namespace } = cluster;
    const uid = randomUUID();
    const labels = { 'kube-tests/owner': uid };
    for (const name of ['changed', 'anew', 'gone', 'same']) await put(namespace, name, { labels });
    const informer = new Informer({ client, type: configMaps, namespace });
    const stop = new AbortController();
    const running = informer.run({ signal: stop.signal });
    await informer.whenSynced(call);
    stop.abort();
    await running;
    await client.mergePatch(configMaps, { namespace, name: 'changed' }, { data: { now: 'wanted' } }, call);
    for (const name of ['anew', 'gone']) await client.delete(configMaps, { namespace, name }, {}, call);
    await put(namespace, 'anew', { labels });
    const rules: GarbageRules = { label, owner: { uid, uidLabel: 'kube-tests/owner' }, desired: { state: 'complete', ids: new Set() }, nowMs: 0 };

    const { deleted, gone, changed, failed } = await collectGarbage(client, [{ informer }], rules, { mode: 'delete' }, call);
    const named = (children: readonly { object: { metadata: { name: string } } }[]) => children.map(({ object }) => object.metadata.name).toSorted();
    expect({ deleted: named(deleted), gone: named(gone), changed: named(changed), failed }).toEqual({ deleted: ['same'], gone: ['gone'], changed: ['anew', 'changed'], failed: [] });
  });

  it('leaves a child that another living owner holds, which its report says, and deletes it once that owner let go', async () => {
    const { client, call, namespace } = cluster;
    const owner = (name: string) => client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', data: {}, metadata: { name, namespace } }, call);
    const [ours, theirs] = [await owner('one-owner'), await owner('other-owner')];
    const plain = [ours, theirs].map((each) => ownerReference(each, { controller: 'plain' }));
    const labels = { 'kube-tests/garbage': `${run}-shared` };
    await put(namespace, 'shared', { labels, ownerReferences: plain });
    const rules: GarbageRules = { label: { key: label.key, value: `${run}-shared` }, owner: { uid: ours.metadata.uid ?? '' }, desired: { state: 'complete', ids: new Set() }, nowMs: 0 };
    const collect = () => collectGarbage(client, [{ type: configMaps, namespace }], rules, { mode: 'delete' }, call);

    expect(await collect()).toMatchObject({ counts: { 'owned by others too': 1 }, deleted: [] });
    expect((await client.get(configMaps, { namespace, name: 'shared' }, call)).metadata.deletionTimestamp).toBeUndefined();
    await client.mergePatch(configMaps, { namespace, name: 'shared' }, { metadata: { ownerReferences: plain.slice(0, 1) } }, call);
    expect((await collect()).deleted.map(({ object }) => object.metadata.name)).toEqual(['shared']);
  });

  it('does nothing on a cache that is not filled', async () => {
    const informer = new Informer({ client: cluster.client, type: configMaps, namespace: cluster.namespace });
    const rules: GarbageRules = { label, owner: { uid: 'u' }, desired: { state: 'complete', ids: new Set() }, nowMs: 0 };
    await expect(collectGarbage(cluster.client, [{ informer }], rules, { mode: 'delete' }, cluster.call)).rejects.toThrow('whenSynced');
  });
});
