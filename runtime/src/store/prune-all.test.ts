import { expect, it } from 'vitest';
import { pruneAll } from './prune-all.ts';

const signal = new AbortController().signal;

function batchesOf(...counts: number[]) {
  let asked = 0;
  return { prune: async () => counts[asked++] ?? 0, asked: () => asked };
}

it('takes batch after batch until one is empty', async () => {
  const { prune, asked } = batchesOf(100, 100, 7);
  expect([await pruneAll(prune, signal), asked()]).toEqual([207, 4]);
});

it('lets the event loop look at everything else between two batches', async () => {
  const { prune } = batchesOf(100, 100);
  const order: string[] = [];
  const others = (): void => {
    order.push('others');
    if (order.length < 9) setImmediate(others);
  };
  setImmediate(others);
  await pruneAll(async () => {
    order.push('batch');
    return await prune();
  }, signal);
  expect(order.slice(0, 5)).toEqual(['batch', 'others', 'batch', 'others', 'batch']);
});

it('ends where it may not go on, and when it is stopped', async () => {
  const room = [true, false];
  expect(await pruneAll(batchesOf(100, 100).prune, signal, { goOn: () => room.shift() ?? false })).toBe(100);
  expect(await pruneAll(batchesOf(100).prune, AbortSignal.abort())).toBe(0);
});

it('leaves others their turn when there is no end of it', async () => {
  let asked = 0;
  const removed = await pruneAll(async () => (asked += 1) && 1, signal, { pause: async () => {} });
  expect([removed, asked]).toEqual([2_500, 2_500]);
});
