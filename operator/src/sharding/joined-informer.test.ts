import { configMaps, type ConfigMap, type Informer, type ObjectKey } from '@sluice/kube';
import { expect, it, vi } from 'vitest';
import { JoinedInformer } from './joined-informer.ts';

function part(names: readonly string[], synced: boolean) {
  const objects = names.map((name) => ({ metadata: { namespace: 'shop', name } }) as ConfigMap);
  const store = {
    size: objects.length, resourceVersion: '1', list: () => objects, keys: () => names.map((name) => ({ namespace: 'shop', name })),
    get: ({ name }: ObjectKey) => objects.find(({ metadata }) => metadata.name === name), byIndex: (_index: string, value: string) => objects.filter(({ metadata }) => metadata.name === value),
  };
  const removed = vi.fn();
  const ran = vi.fn(async () => undefined);
  const informer = { store, synced, covers: ({ name }: ObjectKey) => names.includes(name), addHandler: vi.fn(() => removed), whenSynced: vi.fn(async () => undefined), run: ran };
  return { ran, removed, informer: informer as unknown as Informer<ConfigMap> };
}

it('reads several caches as one', async () => {
  const [one, two] = [part(['a', 'b'], true), part(['c'], false)];
  const joined = new JoinedInformer(configMaps, [one.informer, two.informer]);
  expect([joined.store.size, joined.synced]).toEqual([3, false]);
  expect(joined.store.keys().map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  expect(joined.store.list({ namespace: 'shop' })).toHaveLength(3);
  expect(['a', 'c', 'z'].map((name) => joined.store.get({ namespace: 'shop', name })?.metadata.name)).toEqual(['a', 'c', undefined]);
  expect(joined.store.byIndex('any', 'c')).toHaveLength(1);
  expect(['c', 'z'].map((name) => joined.covers({ namespace: 'shop', name }))).toEqual([true, false]);
  const call = { signal: new AbortController().signal };
  await joined.whenSynced(call);
  await joined.run(call);
  joined.addHandler({})();
  for (const { ran, removed } of [one, two]) {
    expect(ran).toHaveBeenCalledWith(call);
    expect(removed).toHaveBeenCalledOnce();
  }
});
