import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lowerTail, upperRateLimit, upperTail } from './binomial.ts';

/** The tail in whole numbers: p = numerator / 1000, no rounding before the last division. */
function exactUpperTail(k: number, n: number, numerator: number): number {
  const [bad, good] = [BigInt(numerator), BigInt(1000 - numerator)];
  let choose = 1n;
  let sum = 0n;
  for (let i = 0; i <= n; i += 1) {
    if (i >= k) sum += choose * bad ** BigInt(i) * good ** BigInt(n - i);
    choose = (choose * BigInt(n - i)) / BigInt(i + 1);
  }
  return Number((sum * 10n ** 30n) / 1000n ** BigInt(n)) / 1e30;
}

describe('upperTail', () => {
  test('equals the sum in whole numbers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), fc.nat(121), fc.integer({ min: 1, max: 999 }), (n, k, numerator) => {
        const exact = exactUpperTail(k, n, numerator);
        expect(Math.abs(upperTail(k, n, numerator / 1000) - exact)).toBeLessThanOrEqual(1e-9 * Math.max(exact, 1e-6));
      }),
    );
  });

  test.each([
    ['no bad one at all is certain', 0, 10, 0.3, 1],
    ['more bad ones than requests cannot be', 11, 10, 0.3, 0],
    ['a bad one where none can be', 1, 10, 0, 0],
    ['where all are bad', 10, 10, 1, 1],
    ['one of one', 1, 1, 0.25, 0.25],
  ])('%s', (_, k, n, p, expected) => {
    expect(upperTail(k, n, p)).toBe(expected);
  });

  test('holds for a million requests: about half lies above the mean', () => {
    expect(upperTail(50_000, 1_000_000, 0.05)).toBeCloseTo(0.5, 2);
    expect(upperTail(52_000, 1_000_000, 0.05)).toBeLessThan(1e-15);
    expect(upperTail(48_000, 1_000_000, 0.05)).toBeGreaterThan(1 - 1e-9);
  });

  test('falls with every further bad one and adds up to 1 with its complement', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.double({ min: 0.001, max: 0.999, noNaN: true }), fc.nat(2999), (n, p, at) => {
        const k = at % n;
        expect(upperTail(k + 1, n, p)).toBeLessThanOrEqual(upperTail(k, n, p) + 1e-9);
        expect(upperTail(k + 1, n, p) + lowerTail(k, n, p)).toBeCloseTo(1, 8);
      }),
    );
  });
});

describe('upperRateLimit', () => {
  // 1 - alpha ** (1 / n) for no bad one; the other values are Clopper and Pearson's, as every table has them.
  test.each([
    [0, 150, 0.05, 1 - 0.05 ** (1 / 150)],
    [0, 10, 0.005, 1 - 0.005 ** (1 / 10)],
    [1, 10, 0.025, 0.445_016],
    [5, 10, 0.025, 0.812_914],
    [10, 10, 0.025, 1],
    [0, 0, 0.05, 1],
  ])('%i of %i at %d', (k, n, alpha, expected) => {
    expect(upperRateLimit(k, n, alpha)).toBeCloseTo(expected, 5);
  });
});
