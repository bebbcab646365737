import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConfigMap, configMaps } from '../resources/core.ts';
import { installWidgets, openTestCluster, type TestCluster } from '../testing/test-cluster.ts';
import { type Widget, widget, widgets } from '../testing/widgets.ts';
import { addFinalizer, hasFinalizer, removeFinalizer } from './finalizers.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await openTestCluster('finalizers');
  await installWidgets(cluster);
});

afterAll(() => cluster.close());

function create(name: string): Promise<ConfigMap> {
  return cluster.client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: cluster.namespace } } satisfies ConfigMap, cluster.call);
}

describe('finalizers on a real API server', () => {
  it('of two writers who race from the same old object are all kept, and each takes away its own alone', async () => {
    const { client, call } = cluster;
    for (let round = 0; round < 10; round++) {
      const object = await create(`raced-${round}`);
      const added = await Promise.all(['a.dev/x', 'b.dev/y', 'c.dev/z'].map((finalizer) => addFinalizer(client, configMaps, object, finalizer, call)));
      expect(added.map((each, index) => hasFinalizer(each, ['a.dev/x', 'b.dev/y', 'c.dev/z'][index] ?? ''))).toEqual([true, true, true]);
      const key = { namespace: cluster.namespace, name: `raced-${round}` };
      const full = await client.get(configMaps, key, call);
      expect(full.metadata.finalizers?.toSorted()).toEqual(['a.dev/x', 'b.dev/y', 'c.dev/z']);
      await Promise.all([removeFinalizer(client, configMaps, full, 'a.dev/x', call), removeFinalizer(client, configMaps, full, 'c.dev/z', call)]);
      expect((await client.get(configMaps, key, call)).metadata.finalizers).toEqual(['b.dev/y']);
      await removeFinalizer(client, configMaps, await client.get(configMaps, key, call), 'b.dev/y', call);
      expect((await client.get(configMaps, key, call)).metadata.finalizers).toBeUndefined();
    }
  });

  it('row A.2/conflict-is-not-true: on an object that is being deleted no finalizer is reported that was not set', async () => {
    const { client, call, namespace } = cluster;
    const object = await addFinalizer(client, configMaps, await create('going'), 'a.dev/x', call);
    await client.delete(configMaps, { namespace, name: 'going' }, {}, call);
    // The object in hand is from before the deletion: the 422 of its version test is looked into, not taken for a success.
    await expect(addFinalizer(client, configMaps, object, 'b.dev/y', call)).rejects.toMatchObject({ code: 409 });
    expect((await client.get(configMaps, { namespace, name: 'going' }, call)).metadata.finalizers).toEqual(['a.dev/x']);
    expect(await removeFinalizer(client, configMaps, object, 'a.dev/x', call)).toBeDefined();
    expect(await client.find(configMaps, { namespace, name: 'going' }, call)).toBeUndefined();
  });

  it('and status writes do not undo each other, in either order', async () => {
    const { client, call, namespace } = cluster;
    const made = await client.create(widgets, widget('both', namespace), call);
    const status = (size: number): Widget => ({ ...widget('both', namespace), status: { observedSize: size } });
    await client.applyStatus(widgets, status(1), { fieldManager: 'controller', conflicts: 'force' }, call);
    // From the object as it was before the status was written.
    const held = await addFinalizer(client, widgets, made, 'a.dev/x', call);
    expect([held.status?.observedSize, held.metadata.finalizers]).toEqual([1, ['a.dev/x']]);
    await client.applyStatus(widgets, status(2), { fieldManager: 'controller', conflicts: 'force' }, call);
    const last = await removeFinalizer(client, widgets, held, 'a.dev/x', call);
    expect([last?.status?.observedSize, last?.metadata.finalizers]).toEqual([2, undefined]);
  });
});
