import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { createMemoryCache } from './memory-cache.ts';

function cache(bounds: { readonly maximumEntries?: number; readonly maximumLength?: number } = {}) {
  const clock = createFakeClock();
  return { clock, cache: createMemoryCache({ clock, maximumEntries: 3, maximumLength: 100, ...bounds }) };
}

it('gives what was set until its time is over', async () => {
  const { cache: kept, clock } = cache();
  await kept.set('a', '1', 10);
  clock.advance(9);
  expect(await kept.get('a')).toBe('1');
  clock.advance(1);
  expect(await kept.get('a')).toBeUndefined();
  expect(kept.size()).toEqual({ entries: 0, length: 0 });
});

it('drops what was not asked for longest', async () => {
  const { cache: kept } = cache();
  for (const key of ['a', 'b', 'c']) await kept.set(key, key, 10);
  await kept.get('a');
  await kept.set('d', 'd', 10);
  expect(await Promise.all(['a', 'b', 'c', 'd'].map(async (key) => kept.get(key)))).toEqual(['a', undefined, 'c', 'd']);
});

it('keeps nothing that is larger than all of it, and forgets what it replaces', async () => {
  const { cache: kept } = cache({ maximumLength: 10 });
  await kept.set('a', '123', 10);
  await kept.set('a', 'x'.repeat(10), 10);
  expect(await kept.get('a')).toBeUndefined();
  await kept.set('b', '1', 0);
  expect(await kept.get('b')).toBeUndefined();
  await kept.set('c', '1', 10);
  await kept.delete('c');
  expect(await kept.get('c')).toBeUndefined();
});

it('stays within its bounds, and counts what it holds', async () => {
  const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), value: fc.string({ maxLength: 12 }), wait: fc.nat({ max: 5 }), kind: fc.constantFrom('set', 'set', 'get', 'delete') });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
      const { cache: kept, clock } = cache({ maximumLength: 20 });
      for (const { key, value, wait, kind } of steps) {
        clock.advance(wait);
        if (kind === 'set') await kept.set(key, value, 8);
        else if (kind === 'get') await kept.get(key);
        else await kept.delete(key);
        expect(kept.size().entries).toBeLessThanOrEqual(3);
        expect(kept.size().length).toBeLessThanOrEqual(20);
      }
      for (const key of ['a', 'b', 'c', 'd', 'e']) await kept.delete(key);
      expect(kept.size()).toEqual({ entries: 0, length: 0 });
    }),
  );
});
