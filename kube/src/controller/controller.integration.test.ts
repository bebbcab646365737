import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addFinalizer, hasFinalizer, removeFinalizer } from '../apply/finalizers.ts';
import { ownerReference } from '../apply/ownership.ts';
import { Informer } from '../informer/informer.ts';
import type { ObjectKey } from '../object.ts';
import { type ConfigMap, configMaps } from '../resources/core.ts';
import { eventually } from '../testing/eventually.ts';
import { installWidgets, openTestCluster, type TestCluster } from '../testing/test-cluster.ts';
import { type Widget, widget, widgets } from '../testing/widgets.ts';
import { Controller } from './controller.ts';
import { ownerKeys, selfKeys } from './mapping.ts';
import { generationChanged } from './predicates.ts';
import type { ReconcileResult } from './reconcile.ts';
import { runTogether } from './run-together.ts';
import { source } from './source.ts';

const FINALIZER = 'kube-tests.sluice.dev/cleanup';
let cluster: TestCluster;

beforeAll(async () => {
  cluster = await openTestCluster('controller');
  await installWidgets(cluster);
});

afterAll(() => cluster.close());

interface Parts {
  readonly widgets: Informer<Widget>;
  readonly children: Informer<ConfigMap>;
}

/** Makes as many ConfigMaps with generated names as a widget's size says: each reconcile on a stale cache would make too many. */
async function reconcile({ widgets: cache, children }: Parts, key: ObjectKey, call: { signal: AbortSignal }): Promise<ReconcileResult> {
  const { client } = cluster;
  const owner = cache.store.get(key);
  if (!owner) return {};
  if (owner.metadata.deletionTimestamp !== undefined) {
    await removeFinalizer(client, widgets, owner, FINALIZER, call);
    return {};
  }
  if (!hasFinalizer(owner, FINALIZER)) await addFinalizer(client, widgets, owner, FINALIZER, call);
  const owned = children.store.byIndex('owner', owner.metadata.uid ?? '');
  if (owned.length < owner.spec.size) {
    const metadata = { name: '', generateName: `${owner.metadata.name}-`, namespace: key.namespace, ownerReferences: [ownerReference(owner, { controller: 'controller' })] };
    await client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: {} }, call);
    return { requeueAfterMs: 1 };
  }
  const status = { ...widget(key.name, key.namespace), spec: owner.spec, status: { observedSize: owned.length } };
  await client.applyStatus(widgets, status, { fieldManager: 'controller', conflicts: 'force' }, call);
  return {};
}

describe('Controller on a real API server', () => {
  it('makes exactly what is wanted although every reconcile writes, and cleans up', async () => {
    const { client, call, namespace, writes } = cluster;
    const parts: Parts = {
      widgets: new Informer({ client, type: widgets, namespace }),
      children: new Informer({ client, type: configMaps, namespace, indexes: { owner: (object) => (object.metadata.ownerReferences ?? []).map((reference) => reference.uid) } }),
    };
    const controller = new Controller({
      name: 'widgets', writes, concurrency: 4, reconcile: (key, context) => reconcile(parts, key, context),
      sources: [source({ informer: parts.widgets, keys: selfKeys, predicate: generationChanged }), source({ informer: parts.children, keys: ownerKeys(widgets) })],
    });
    const stop = new AbortController();
    const running = runTogether([parts.widgets, parts.children, controller], { signal: stop.signal });
    for (let index = 0; index < 6; index++) await client.create(widgets, widget(`w${index}`, namespace, 5), call);
    await eventually('all are observed', async () => (await client.list(widgets, { namespace }, call)).items.every((each) => each.status?.observedSize === 5));
    const made = (await client.list(configMaps, { namespace }, call)).items.filter((each) => each.metadata.ownerReferences !== undefined);
    expect(made).toHaveLength(30);
    await client.delete(widgets, { namespace, name: 'w0' }, {}, call);
    await eventually('w0 is gone', async () => (await client.find(widgets, { namespace, name: 'w0' }, call)) === undefined);
    stop.abort();
    await running;
  });
});
