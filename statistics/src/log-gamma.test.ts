import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { logBeta, logGamma } from './log-gamma.ts';

test('logGamma is the factorial of whole numbers and sqrt(pi) at one half', () => {
  let factorial = 1;
  for (let n = 1; n <= 20; n += 1) {
    expect(logGamma(n)).toBeCloseTo(Math.log(factorial), 12);
    factorial *= n;
  }
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13);
});

test('logGamma grows by ln x from x to x + 1', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 1e9, noNaN: true }), (x) => {
      expect(Math.abs(logGamma(x + 1) - logGamma(x) - Math.log(x))).toBeLessThanOrEqual(1e-15 * Math.max(100, Math.abs(logGamma(x))));
    }),
  );
});

test('logBeta is symmetric and 1/a for b = 1', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 1e4, noNaN: true }), fc.double({ min: 0.1, max: 1e4, noNaN: true }), (a, b) => {
      expect(logBeta(a, b)).toBeCloseTo(logBeta(b, a), 9);
      expect(logBeta(a, 1)).toBeCloseTo(-Math.log(a), 9);
    }),
  );
});
