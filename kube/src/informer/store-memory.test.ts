import { expect, it } from 'vitest';
import type { ConfigMap } from '../resources/core.ts';
import { heapInUse } from '../testing/heap.ts';
import { configMap } from '../testing/informer-rig.ts';
import { deepFreeze } from './freeze.ts';
import { ObjectStore } from './store.ts';

const COUNT = 5_000;

function text(index: number): string {
  const { metadata, ...rest } = configMap(`configmap-${index}`, { payload: `${index}`.padEnd(1_000, 'x') });
  return JSON.stringify({ ...rest, metadata: { ...metadata, uid: `9d0c4c1e-7a5f-4a9a-9e2c-${String(index).padStart(12, '0')}`, resourceVersion: String(100_000 + index), creationTimestamp: '2026-01-01T00:00:00Z' } });
}

it('a cached object costs little more than its JSON', () => {
  const store = new ObjectStore<ConfigMap>();
  const fill = (from: number, to: number) => {
    for (let index = from; index < to; index++) store.upsert(deepFreeze(JSON.parse(text(index)) as ConfigMap));
  };
  fill(0, 100);
  const before = heapInUse();
  fill(100, COUNT);
  const each = (heapInUse() - before) / (COUNT - 100);
  expect(store.size).toBe(COUNT);
  expect(each).toBeLessThan(text(COUNT).length * 1.4);
});
