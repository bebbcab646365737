import { expect, test } from 'vitest';
import { quantile } from './quantile.ts';

test('median and p90 of what is there', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2);
  expect(quantile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 0.9)).toBe(9);
  expect(quantile([7], 0.9)).toBe(7);
});

test('of nothing there is none', () => {
  expect(quantile([], 0.5)).toBeNaN();
});
