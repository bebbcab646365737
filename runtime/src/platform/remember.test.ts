import { expect, it } from 'vitest';
import { remember } from './remember.ts';

it('keeps what was used last, and no more than it may', () => {
  const memory = new Map<string, number>();
  for (const [key, value] of [['a', 1], ['b', 2], ['a', 3], ['c', 4]] as const) remember(memory, key, value, 2);
  expect([...memory]).toEqual([['a', 3], ['c', 4]]);
});
