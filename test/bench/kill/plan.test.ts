import { assert, integer, property } from 'fast-check';
import { expect, it } from 'vitest';
import { planKills } from './plan.ts';

it('kills at each write, once before and once after it is made', () => {
  expect(planKills(2, 10)).toEqual([{ write: 1, variant: 'lost' }, { write: 1, variant: 'made' }, { write: 2, variant: 'lost' }, { write: 2, variant: 'made' }]);
  expect(planKills(0, 10)).toEqual([]);
});

it('spreads the kills over a story that has more writes, its first and its last included', () => {
  expect(planKills(13, 4).filter(({ variant }) => variant === 'lost').map(({ write }) => write)).toEqual([1, 5, 9, 13]);
  expect(planKills(9, 1).map(({ write }) => write)).toEqual([5, 5]);
});

it('never kills twice in the same way, and never beyond the last write', () => {
  assert(property(integer({ min: 0, max: 300 }), integer({ min: 1, max: 300 }), (writes, most) => {
    const kills = planKills(writes, most);
    const places = kills.map(({ write, variant }) => `${write} ${variant}`);
    expect(new Set(places).size).toBe(2 * Math.min(writes, most));
    expect(places).toHaveLength(2 * Math.min(writes, most));
    expect(kills.every(({ write }) => write >= 1 && write <= writes)).toBe(true);
  }));
});
