import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bernoulliDivergence, logAddExp, logLikelihoodRatio, logSumExp } from './log-space.ts';

const log = fc.oneof(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.constant(-Infinity));

describe('sums in logarithms', () => {
  test('are those of the numbers', () => {
    expect(logAddExp(Math.log(2), Math.log(3))).toBeCloseTo(Math.log(5), 12);
    expect(logSumExp([Math.log(1), Math.log(2), Math.log(3)])).toBeCloseTo(Math.log(6), 12);
    expect(logSumExp([])).toBe(-Infinity);
  });

  test('never overflow, and lie between the greatest and that plus ln n', () => {
    fc.assert(
      fc.property(fc.array(log, { minLength: 1, maxLength: 12 }), (values) => {
        const high = Math.max(...values);
        expect(logSumExp(values)).toBeGreaterThanOrEqual(high);
        expect(logSumExp(values)).toBeLessThanOrEqual(high + Math.log(values.length) + 1e-6);
        expect(values.reduce(logAddExp, -Infinity)).toBeCloseTo(logSumExp(values), 6);
      }),
    );
  });
});

describe('likelihood ratio', () => {
  test.each([
    ['0 ln 0 is 0', 0, 5, 0, 0.2, 5 * Math.log(1 / 0.8)],
    ['the same rate says nothing', 3, 5, 0.4, 0.4, 0],
    ['a bet on "none is bad" is lost with the first bad one', 1, 5, 0, 0.2, -Infinity],
    ['a bet on "all are bad" is lost with the first good one', 4, 5, 1, 0.2, -Infinity],
  ])('%s', (_, bad, total, q, theta, expected) => {
    expect(logLikelihoodRatio(bad, total, q, theta)).toBeCloseTo(expected, 12);
  });

  test('divergence is 0 at the rate itself and above it elsewhere', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), fc.double({ min: 0.001, max: 0.999, noNaN: true }), (q, theta) => {
        expect(bernoulliDivergence(q, q)).toBeCloseTo(0, 12);
        expect(bernoulliDivergence(q, theta)).toBeGreaterThanOrEqual(-1e-15);
      }),
    );
  });
});
