import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clopperPearsonUpper } from '@sluice/statistics';
import { bernoulliCS } from './bernoulli-sequence.ts';
import { oneSampleLogE } from './one-sample.ts';
import { quantileCS } from './quantile-sequence.ts';
import { badCountChances } from './testing/enumerate.ts';

const rate = fc.double({ min: 0.001, max: 0.999, noNaN: true });
const size = fc.integer({ min: 1, max: 14 });
const mean = (rates: readonly number[], value: (x: number) => number) => badCountChances(rates).reduce((sum, chance, x) => sum + chance * value(x), 0);
const same = (n: number, value: number) => Array.from({ length: n }, () => value);

describe('the e-value of one revision against a bound', () => {
  test.each([['harm', -1], ['good', 1]] as const)('%s: expectation of at most 1 on and beyond the bound, by enumeration', (side, direction) => {
    fc.assert(
      fc.property(size, rate, rate, (n, b0, beyond) => {
        const truth = direction < 0 ? b0 * beyond : b0 + (1 - b0) * beyond;
        const value = (x: number) => Math.exp(oneSampleLogE({ x, n, b0, side }).logE);
        expect(mean(same(n, b0), value)).toBeCloseTo(1, 8);
        expect(mean(same(n, truth), value)).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });

  test('rises with every bad request for harm, falls for good, and is finite for any counts', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 60, 1e9), rate, rate, (n, share, b0) => {
        const x = Math.floor(share * (n - 1));
        const at = (side: 'harm' | 'good', bad: number) => oneSampleLogE({ x: bad, n, b0, side }).logE;
        expect(at('harm', x + 1)).toBeGreaterThan(at('harm', x));
        expect(at('good', x + 1)).toBeLessThan(at('good', x));
        expect([at('harm', 0), at('harm', n), at('good', 0), at('good', n)].every(Number.isFinite)).toBe(true);
      }),
    );
  });

  test('says nothing without requests and refuses a bound of 0', () => {
    expect(oneSampleLogE({ x: 0, n: 0, b0: 0.05, side: 'harm' }).logE).toBeCloseTo(0, 12);
    expect(() => oneSampleLogE({ x: 0, n: 1, b0: 0, side: 'harm' })).toThrow('b0 is 0');
  });
});

describe('intervals of a bad rate', () => {
  test('Clopper and Pearson miss the truth from below with a chance of at most alpha, by enumeration', () => {
    fc.assert(
      fc.property(size, rate, fc.constantFrom(0.01, 0.05, 0.2), (n, truth, alpha) => {
        expect(mean(same(n, truth), (x) => (clopperPearsonUpper({ x, n, alpha }).upper < truth ? 1 : 0))).toBeLessThanOrEqual(alpha + 1e-9);
      }),
    );
  });

  test('the sequence misses the truth at any look of 14 with a chance of at most alpha, by enumeration of all paths', () => {
    const [alpha, looks] = [0.2, 14];
    for (const truth of [0.05, 0.3, 0.5]) {
      let alive = [1];
      for (let n = 1; n <= looks; n += 1) {
        const next = Array.from({ length: n + 1 }, (_, x) => (alive[x] ?? 0) * (1 - truth) + (x > 0 ? (alive[x - 1] ?? 0) * truth : 0));
        alive = next.map((chance, x) => {
          const { lower, upper } = bernoulliCS({ x, n, alpha });
          return lower <= truth && truth <= upper ? chance : 0;
        });
      }
      expect(1 - alive.reduce((sum, chance) => sum + chance, 0)).toBeLessThanOrEqual(alpha);
    }
  });

  test('the sequence holds the observed rate, narrows with counts, and mirrors', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), rate, (n, share) => {
        const x = Math.round(n * share);
        const narrow = bernoulliCS({ x: x * 10, n: n * 10, alpha: 0.05 });
        const wide = bernoulliCS({ x, n, alpha: 0.05 });
        const mirror = bernoulliCS({ x: n - x, n, alpha: 0.05 });
        expect(wide.lower).toBeLessThanOrEqual(x / n);
        expect(wide.upper).toBeGreaterThanOrEqual(x / n);
        expect(narrow.upper - narrow.lower).toBeLessThanOrEqual(wide.upper - wide.lower);
        expect(mirror.lower).toBeCloseTo(1 - wide.upper, 9);
      }),
    );
  });

  test('without requests anything is possible', () => {
    expect(bernoulliCS({ x: 0, n: 0, alpha: 0.05 })).toEqual({ lower: 0, upper: 1 });
    expect(clopperPearsonUpper({ x: 0, n: 0, alpha: 0.05 })).toEqual({ upper: 1 });
    expect(() => bernoulliCS({ x: 2, n: 1, alpha: 0.05 })).toThrow('2 bad of 1');
  });
});

describe('the interval of a quantile', () => {
  const edges = [1, 2, 4, 8];

  test('is everything without requests and beyond the last edge where all are slower', () => {
    expect(quantileCS({ edges, counts: [0, 0, 0, 0, 0], q: 0.95, alpha: 0.05 })).toEqual({ lower: 0, upper: Infinity });
    expect(quantileCS({ edges, counts: [0, 0, 0, 0, 500], q: 0.95, alpha: 0.05 })).toEqual({ lower: 8, upper: Infinity });
    expect(quantileCS({ edges, counts: [1e9, 0, 0, 0, 0], q: 0.95, alpha: 0.05 })).toEqual({ lower: 0, upper: 1 });
  });

  test('holds the quantile that was counted', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2000), { minLength: 5, maxLength: 5 }), (counts) => {
        const { lower, upper } = quantileCS({ edges, counts, q: 0.9, alpha: 0.05 });
        const total = counts.reduce((sum, count) => sum + count, 0);
        let below = 0;
        const observed = [...edges, Infinity].find((_, index) => (below += counts[index] ?? 0) >= 0.9 * total) ?? Infinity;
        expect(lower).toBeLessThanOrEqual(observed);
        expect(upper).toBeGreaterThanOrEqual(observed);
      }),
    );
  });

  test('refuses counts that do not fit the edges', () => {
    expect(() => quantileCS({ edges, counts: [1, 2], q: 0.95, alpha: 0.05 })).toThrow('counts has 2 buckets for 4 edges');
  });
});
