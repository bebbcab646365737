import { expect, test } from 'vitest';
import { badCount, seededRandom } from './seeded-random.ts';

const draws = 40_000;

test.each([[20, 0.1], [500, 0.02], [5_400, 0.02], [60_000, 0.005], [400, 0.5], [400, 0.9], [90_000, 0.0005]])('%i requests at a bad rate of %d: mean and variance are those of the binomial number', (n, p) => {
  const random = seededRandom(n);
  let [sum, squares, least, most] = [0, 0, n, 0];
  for (let draw = 0; draw < draws; draw += 1) {
    const bad = badCount(n, p, random);
    [least, most] = [Math.min(least, bad), Math.max(most, bad)];
    sum += bad;
    squares += (bad - n * p) ** 2;
  }
  expect(least >= 0 && most <= n).toBe(true);
  const variance = n * p * (1 - p);
  expect(Math.abs(sum / draws - n * p)).toBeLessThan(4 * Math.sqrt(variance / draws));
  expect(Math.abs(squares / draws / variance - 1)).toBeLessThan(0.04);
});

test.each([[0, 0], [1, 100]])('at a rate of %d all is known', (p, expected) => {
  expect(badCount(100, p, seededRandom(1))).toBe(expected);
});

test('no uniform number leads nowhere', () => {
  for (const uniform of [0, 1e-12, 0.5, 1 - 2 ** -32, 1 - 2 ** -53]) {
    const bad = badCount(60_000, 0.02, () => uniform);
    expect(Number.isInteger(bad) && bad >= 0 && bad <= 60_000).toBe(true);
  }
});
