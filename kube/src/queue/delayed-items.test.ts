import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import { DelayedItems } from './delayed-items.ts';

describe('DelayedItems', () => {
  it('releases each item once, at the earliest time it was given, in order', async () => {
    const add = fc.record({ item: fc.integer({ min: 0, max: 9 }), ms: fc.integer({ min: 1, max: 1000 }) });
    await fc.assert(fc.asyncProperty(fc.array(add, { maxLength: 40 }), async (adds) => {
      const clock = new FakeClock();
      const released: [number, number][] = [];
      const delayed = new DelayedItems<number>(clock, (item) => released.push([item, clock.monotonic()]));
      const expected = new Map<number, number>();
      for (const { item, ms } of adds) {
        delayed.add(item, ms, 'change');
        expected.set(item, Math.min(ms, expected.get(item) ?? Infinity));
      }
      expect(delayed.size).toBe(expected.size);
      await clock.advance(1000);
      expect(new Map(released)).toEqual(expected);
      expect(released).toHaveLength(expected.size);
      expect(released.map(([, at]) => at)).toEqual([...expected.values()].toSorted((left, right) => left - right));
      expect(clock.pendingTimers).toBe(0);
    }), { numRuns: 200 });
  });

  it('keeps a single timer, and none after clear', () => {
    const clock = new FakeClock();
    const delayed = new DelayedItems<string>(clock, () => {});
    for (const ms of [500, 100, 900, 50]) delayed.add(`in ${ms}`, ms, 'change');
    expect(clock.pendingTimers).toBe(1);
    delayed.clear();
    expect([clock.pendingTimers, delayed.size]).toEqual([0, 0]);
  });

  it('takes an item again once it was released', async () => {
    const clock = new FakeClock();
    const released: number[] = [];
    const delayed = new DelayedItems<string>(clock, () => released.push(clock.monotonic()));
    delayed.add('a', 10, 'change');
    await clock.advance(10);
    delayed.add('a', 10, 'change');
    await clock.advance(10);
    expect(released).toEqual([10, 20]);
  });

  it('keeps the highest priority an item was given', async () => {
    const clock = new FakeClock();
    const released: string[] = [];
    const delayed = new DelayedItems<string>(clock, (item, priority) => released.push(`${item} ${priority}`));
    delayed.add('a', 10, 'resync');
    delayed.add('b', 10, 'resync');
    delayed.add('b', 50, 'change');
    delayed.add('b', 5, 'resync');
    await clock.advance(10);
    expect(released).toEqual(['b change', 'a resync']);
  });

  it('lets go of items removed from anywhere, and releases the others in time', async () => {
    const times = fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 30 });
    await fc.assert(fc.asyncProperty(times, fc.array(fc.nat({ max: 29 })), async (due, gone) => {
      const clock = new FakeClock();
      const released: number[] = [];
      const delayed = new DelayedItems<number>(clock, (item) => released.push(item));
      for (const ms of due) delayed.add(ms, ms, 'resync');
      const left = new Set(due);
      for (const nth of gone) {
        const item = due[nth] ?? 0;
        expect(delayed.remove(item)).toBe(left.delete(item) ? 'resync' : undefined);
      }
      expect([delayed.size, clock.pendingTimers]).toEqual([left.size, Math.min(1, left.size)]);
      await clock.advance(500);
      expect(released).toEqual([...left].toSorted((one, other) => one - other));
      expect(clock.pendingTimers).toBe(0);
    }), { numRuns: 200 });
  });
});
