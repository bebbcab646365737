import { expect, test } from 'vitest';
import { mapBounded } from './bounded-concurrency.ts';

test('runs no more than the limit at a time and keeps the order', async () => {
  let running = 0;
  let most = 0;
  const results = await mapBounded([5, 1, 4, 2, 3], 2, async (item) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
    running -= 1;
    return item * 10;
  });
  expect(results).toEqual([50, 10, 40, 20, 30]);
  expect(most).toBe(2);
});

test('nothing to do gives nothing', async () => {
  expect(await mapBounded([], 3, () => Promise.resolve(1))).toEqual([]);
});

test('throws what the work throws', async () => {
  await expect(mapBounded([1], 3, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});
