import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WriteTracker } from '../consistency/write-tracker.ts';
import { selfKeys } from '../controller/mapping.ts';
import { source } from '../controller/source.ts';
import type { ConfigMap } from '../resources/core.ts';
import { eventually, pause } from '../testing/eventually.ts';
import { configMap, InformerRig } from '../testing/informer-rig.ts';
import { MultiNamespaceInformer } from './multi-namespace-informer.ts';

let rig: InformerRig;
let informer: MultiNamespaceInformer<ConfigMap>;
let running: Promise<void> | undefined;

beforeEach(async () => {
  running = undefined;
  rig = await InformerRig.start();
  informer = new MultiNamespaceInformer<ConfigMap>({
    client: rig.client, type: rig.informer.type, clock: rig.clock, namespaces: ['one', 'two', 'one'], indexes: { v: (object) => [object.data?.['v'] ?? ''] },
  });
  rig.api.put(configMap('a', { v: 'x' }, 'one'));
  rig.api.put(configMap('a', { v: 'x' }, 'two'));
  rig.api.put(configMap('a', { v: 'x' }, 'three'));
});

afterEach(async () => {
  rig.stop.abort();
  await running;
  await rig.close();
});

async function run(): Promise<void> {
  running = informer.run({ signal: rig.stop.signal });
  await informer.whenSynced({ signal: rig.stop.signal });
  await eventually('both watches are open', () => rig.api.openWatches === 2);
}

describe('MultiNamespaceInformer', () => {
  it('reads as one cache of its namespaces and no other', async () => {
    await run();
    const { store } = informer;
    expect([store.size, store.list().length, store.list({ namespace: 'two' }).length, store.list({ namespace: 'three' }).length]).toEqual([2, 2, 1, 0]);
    expect(store.keys()).toEqual([{ namespace: 'one', name: 'a' }, { namespace: 'two', name: 'a' }]);
    expect(store.byIndex('v', 'x')).toHaveLength(2);
    expect([store.get({ namespace: 'two', name: 'a' })?.metadata.namespace, store.get({ namespace: 'three', name: 'a' })]).toEqual(['two', undefined]);
    expect(['one', 'two', 'three'].map((namespace) => informer.covers({ namespace, name: 'a' }))).toEqual([true, true, false]);
    expect(informer.synced).toBe(true);
  });

  it('tells handlers of every namespace, until they are taken back', async () => {
    const heard: string[] = [];
    const remove = informer.addHandler({ onAdd: (object) => heard.push(`${object.metadata.namespace}/${object.metadata.name}`) });
    await run();
    rig.api.put(configMap('b', {}, 'two'));
    rig.api.put(configMap('b', {}, 'three'));
    await eventually('b arrives', () => heard.length === 3);
    expect(heard.toSorted()).toEqual(['one/a', 'two/a', 'two/b']);
    remove();
    rig.api.put(configMap('c', {}, 'one'));
    await eventually('c is cached', () => informer.store.size === 4);
    expect(heard).toHaveLength(3);
  });

  it('is synced only when every namespace is', async () => {
    rig.api.fault = (request) => (request.path.includes('/two/') ? 'handled' : 'pass');
    running = informer.run({ signal: rig.stop.signal });
    await eventually('one is listed', () => informer.store.size === 1);
    await pause();
    expect([informer.synced, informer.store.resourceVersion]).toEqual([false, '']);
  });

  it('has reached what all of its parts have: a write is awaited until its own namespace has it', async () => {
    await run();
    const view = new WriteTracker({ clock: rig.clock }).follow(informer.type, informer.store, (key) => informer.covers(key));
    expect(informer.store.resourceVersion).toBe('103');
    rig.api.put(configMap('b', {}, 'one'));
    await eventually('b arrives', () => informer.store.size === 3);
    expect(informer.store.resourceVersion).toBe('103');
    expect(view.isBehind('one/b')).toBe(false);
  });

  it('keeps no key waiting for a namespace in which nothing happens', async () => {
    await run();
    const writes = new WriteTracker({ clock: rig.clock });
    const told: string[] = [];
    const followed = source({ informer, keys: selfKeys }).followWrites(writes, { onCaughtUp: (key) => told.push(key), onError: (error) => { throw error; } });
    // Others delete it at once, and the cache never hears of it.
    writes.wrote(informer.type, { ...configMap('short-lived', {}, 'one'), metadata: { name: 'short-lived', namespace: 'one', resourceVersion: '104' } });
    expect([followed.isBehind('one/short-lived'), followed.isBehind('two/short-lived')]).toEqual([true, false]);
    rig.api.put(configMap('b', {}, 'one'));
    await eventually('b arrives', () => informer.store.get({ namespace: 'one', name: 'b' }) !== undefined);
    expect([followed.isBehind('one/short-lived'), told, followed.takeExpired()]).toEqual([false, ['one/short-lived'], 0]);
    followed.close();
  });

  it('stops with no watch open, refuses to run twice, and runs again', async () => {
    const first = new AbortController();
    const firstRun = informer.run({ signal: first.signal });
    await expect(informer.run({ signal: first.signal })).rejects.toThrow(/is running already/);
    await informer.whenSynced({ signal: rig.stop.signal });
    first.abort();
    await firstRun;
    await eventually('none is open', () => rig.api.openWatches === 0);
    await run();
    expect(informer.store.size).toBe(2);
  });

  it.each([[[]], [['one', '']]])('refuses the namespaces %j', (namespaces) => {
    expect(() => new MultiNamespaceInformer({ client: rig.client, type: rig.informer.type, namespaces })).toThrow(/name at least one namespace/);
  });
});
