import { assert, double, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { binomialBounds } from './binomial.ts';

test('a fair coin, thrown four times: each of the extreme counts has 1/16', () => {
  expect(binomialBounds(4, 0.5, 0.12)).toEqual({ least: 0, most: 4 });
  expect(binomialBounds(4, 0.5, 0.13)).toEqual({ least: 1, most: 3 });
});

test('at 400 requests and a fifth, one in a million leaves about five standard deviations', () => {
  expect(binomialBounds(400, 0.2, 1e-6)).toEqual({ least: 43, most: 121 });
});

test.each([
  [0, { least: 0, most: 0 }],
  [1, { least: 50, most: 50 }],
])('what is certain (%s) has no room', (chance, bounds) => {
  expect(binomialBounds(50, chance, 1e-6)).toEqual(bounds);
});

test('the expected count is always inside, and a smaller chance of a false alarm gives more room', () => {
  assert(
    property(integer({ min: 1, max: 500 }), double({ min: 0.01, max: 0.99, noNaN: true }), (trials, chance) => {
      const strict = binomialBounds(trials, chance, 1e-3);
      const lenient = binomialBounds(trials, chance, 1e-9);
      expect(strict.least).toBeLessThanOrEqual(Math.ceil(trials * chance));
      expect(strict.most).toBeGreaterThanOrEqual(Math.floor(trials * chance));
      expect(lenient.least).toBeLessThanOrEqual(strict.least);
      expect(lenient.most).toBeGreaterThanOrEqual(strict.most);
    }),
  );
});
