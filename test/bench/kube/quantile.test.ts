import { expect, it } from 'vitest';
import { quantile } from './quantile.ts';

it.each([
  [0, 1],
  [0.5, 6],
  [0.99, 10],
  [1, 10],
])('the %d quantile of 1 to 10 is %d, as the Go side has it', (share, expected) => {
  expect(quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], share)).toBe(expected);
});

it('is 0 of nothing', () => {
  expect(quantile([], 0.5)).toBe(0);
});
