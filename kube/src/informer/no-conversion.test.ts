import { afterEach, expect, it, vi } from 'vitest';
import type { ConfigMap } from '../resources/core.ts';
import { configMap, InformerRig } from '../testing/informer-rig.ts';

afterEach(() => vi.restoreAllMocks());

/** Every `data` in what was parsed, of a list's page or of a watch's event. */
function parsedData(values: readonly unknown[]): unknown[] {
  return values.flatMap((value) => {
    const { items, object } = (value ?? {}) as { items?: ConfigMap[]; object?: ConfigMap };
    return [...items ?? [], ...object ? [object] : []].map((each) => each.data);
  });
}

it.each(['paging', 'streaming'] as const)('row B.1/list-time: what JSON.parse made of a %s list is what the cache holds, not a copy', async (listMode) => {
  const rig = await InformerRig.start({ listMode });
  const names = Array.from({ length: 20 }, (_, index) => `m-${index}`);
  for (const name of names) rig.api.put(configMap(name, { name }));
  const parse = vi.spyOn(JSON, 'parse');
  void rig.run();
  await rig.synced();
  const parsed = new Set(parsedData(parse.mock.results.map(({ value }) => value as unknown)));
  const cached = rig.informer.store.list();
  expect(cached).toHaveLength(names.length);
  expect(cached.filter(({ data }) => data === undefined || !parsed.has(data))).toEqual([]);
  await rig.close();
});
