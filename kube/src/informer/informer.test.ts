import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigMap } from '../resources/core.ts';
import { eventually } from '../testing/eventually.ts';
import { configMap, InformerRig } from '../testing/informer-rig.ts';
import { Informer, type InformerOptions } from './informer.ts';

let rig: InformerRig;

async function start(options: Partial<InformerOptions<ConfigMap>> = {}, before: (api: InformerRig['api']) => void = () => {}): Promise<void> {
  await rig.close();
  rig = await InformerRig.start(options);
  before(rig.api);
  void rig.run();
  await rig.synced();
}

beforeEach(async () => {
  rig = await InformerRig.start();
});

afterEach(() => rig.close());

describe('Informer', () => {
  it('lists in pages, then follows every change', async () => {
    await start({ pageSize: 2 }, (api) => ['a', 'b', 'c', 'd', 'e'].forEach((name) => api.put(configMap(name, { v: '1' }))));
    expect(rig.names()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(rig.api.count('list')).toBe(3);
    await rig.watching();
    rig.api.put(configMap('f', { v: '1' }));
    rig.api.put(configMap('a', { v: '2' }));
    rig.api.remove('default', 'b');
    await eventually('all is heard', () => rig.heard.length === 8);
    expect(rig.heard.slice(5)).toEqual(['live add f', 'update a 1->2', 'delete b']);
    expect(rig.names()).toEqual(['a', 'c', 'd', 'e', 'f']);
  });

  it('asks for bookmarks, from the list\'s version, with a timeout between 240 and 480 s', async () => {
    await start({}, (api) => void api.put(configMap('a')));
    await rig.watching();
    const watch = rig.api.server.requests.find((request) => request.query.has('watch'));
    expect(Object.fromEntries(watch?.query ?? [])).toEqual({ watch: 'true', allowWatchBookmarks: 'true', resourceVersion: '101', timeoutSeconds: '360' });
  });

  it('selects by namespace, labels and fields', async () => {
    await start({ namespace: 'prod', labelSelector: 'app=x', fieldSelector: 'metadata.name=a' });
    await rig.watching();
    for (const request of rig.api.server.requests) {
      expect(request.path).toBe('/api/v1/namespaces/prod/configmaps');
      expect([request.query.get('labelSelector'), request.query.get('fieldSelector')]).toEqual(['app=x', 'metadata.name=a']);
    }
    expect([rig.informer.covers({ namespace: 'prod', name: 'a' }), rig.informer.covers({ namespace: 'dev', name: 'a' })]).toEqual([true, false]);
  });

  it('caches frozen objects with their kind, the same shape from list and watch, without managedFields', async () => {
    const managed = (name: string): ConfigMap => ({ ...configMap(name), metadata: { name, namespace: 'default', managedFields: [{}], creationTimestamp: '2026-01-01T00:00:00Z' } });
    await start({}, (api) => void api.put(managed('listed')));
    await rig.watching();
    rig.api.put(managed('watched'));
    await eventually('the second arrives', () => rig.informer.store.size === 2);
    for (const object of rig.informer.store.list()) {
      expect([object.kind, object.apiVersion, object.metadata.creationTimestamp]).toEqual(['ConfigMap', 'v1', '2026-01-01T00:00:00Z']);
      expect(object.metadata.managedFields).toBeUndefined();
      expect(() => { object.metadata.name = 'other'; }).toThrow(TypeError);
    }
  });

  it('prunes before it caches, and caches whole what prune fails on', async () => {
    const prune = (object: ConfigMap): ConfigMap => {
      if (object.metadata.name === 'bad') throw new Error('no');
      const { data: _, ...rest } = object;
      return rest;
    };
    await start({ prune }, (api) => void [api.put(configMap('good', { v: '1' })), api.put(configMap('bad', { v: '1' }))]);
    const data = (name: string) => rig.informer.store.get({ namespace: 'default', name })?.data;
    expect([data('good'), data('bad')]).toEqual([undefined, { v: '1' }]);
    expect(rig.errors.map((error) => error.message)).toEqual(['prune failed for a ConfigMap; it is cached whole']);
  });

  it('tells a handler that comes late of everything known', async () => {
    await start({}, (api) => void api.put(configMap('a')));
    const late: string[] = [];
    const remove = rig.informer.addHandler({ onAdd: (object, { initial }) => late.push(`${initial} ${object.metadata.name}`) });
    expect(late).toEqual(['initial a']);
    remove();
    await rig.watching();
    rig.api.put(configMap('b'));
    await eventually('b arrives', () => rig.informer.store.size === 2);
    expect(late).toEqual(['initial a']);
  });

  it('serves indexes', async () => {
    await start({ indexes: { v: (object) => [object.data?.['v'] ?? ''] } }, (api) => void [api.put(configMap('a', { v: 'x' })), api.put(configMap('b', { v: 'y' }))]);
    expect(rig.informer.store.byIndex('v', 'y').map((object) => object.metadata.name)).toEqual(['b']);
  });

  it('puts characters together that arrive in pieces', async () => {
    await start();
    await rig.watching();
    const line = Buffer.from(`${JSON.stringify({ type: 'ADDED', object: { ...configMap('a', { v: '漢字 🚦' }), metadata: { name: 'a', namespace: 'default', uid: 'u', resourceVersion: '500' } } })}\n`);
    for (let at = 0; at < line.length; at += 7) rig.api.sendRaw(line.subarray(at, at + 7));
    await eventually('a arrives', () => rig.informer.store.size === 1);
    expect(rig.informer.store.list()[0]?.data).toEqual({ v: '漢字 🚦' });
  });

  it('is synced only after the first list', async () => {
    await rig.close();
    rig = await InformerRig.start();
    expect(rig.informer.synced).toBe(false);
    const gaveUp = new AbortController();
    const waiting = rig.informer.whenSynced({ signal: gaveUp.signal });
    gaveUp.abort(new Error('gave up'));
    await expect(waiting).rejects.toThrow('gave up');
    void rig.run();
    await rig.synced();
    expect(rig.informer.synced).toBe(true);
  });
});

describe('type', () => {
  it('is that of its objects', () => {
    expect(new Informer({ client: rig.client, type: rig.informer.type }).type.kind).toBe('ConfigMap');
  });
});

it('a handler that is added while others hear of a list hears of each object once', async () => {
  const own = await InformerRig.start();
  for (const name of ['a', 'b', 'c']) own.api.put(configMap(name));
  const late: string[] = [];
  const adding = own.informer.addHandler({
    onAdd: () => {
      adding();
      own.informer.addHandler({ onAdd: (object) => late.push(object.metadata.name) });
    },
  });
  void own.run();
  await own.synced();
  expect(late).toEqual(['a', 'b', 'c']);
  await own.close();
});
