import { expect, it } from 'vitest';
import { remember } from './remember.ts';

it('of more entries than may be the one that was set longest ago makes room, and one that is set again is the latest', () => {
  const memory = new Map<string, number>();
  for (const [value, key] of ['a', 'b', 'a', 'c', 'd'].entries()) remember(memory, key, value, 3);
  expect([...memory]).toEqual([['a', 2], ['c', 3], ['d', 4]]);
});
