import { expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { createShedding } from './shedding.ts';

it('counts all that went, and tells it at once and then once a minute', () => {
  const clock = createFakeClock();
  const told: number[] = [];
  const shedding = createShedding({ clock, tell: (count) => told.push(count) });
  shedding.add(3);
  for (let second = 2; second < 60; second += 2) {
    clock.advance(2_000);
    shedding.add(1);
  }
  expect(told).toEqual([3]);
  clock.advance(2_000);
  shedding.add(1);
  expect([told, shedding.total()]).toEqual([[3, 30], 33]);
});
