import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { costBlockLogE } from './cost-betting.ts';

const v = [0.05, 0.4, 1];

/** All ways to put `n` requests into three buckets, with their chances. */
function outcomes(n: number, chances: readonly number[]): { readonly counts: readonly number[]; readonly chance: number }[] {
  let all = [{ counts: [0, 0, 0], chance: 1 }];
  for (let request = 0; request < n; request += 1) {
    all = all.flatMap(({ counts, chance }) => chances.map((each, bucket) => ({ counts: counts.map((count, index) => count + (index === bucket ? 1 : 0)), chance: chance * each })));
  }
  return all;
}

/** Chances of the three buckets with this mean; undefined where `tail` leaves no room. */
function withMean(mean: number, tail: number): readonly number[] | undefined {
  const low = ((0.4 - mean) + tail * 0.6) / 0.35;
  const chances = [low, 1 - low - tail, tail];
  return chances.every((chance) => chance >= 0) ? chances : undefined;
}

describe('the e-value of the cost of a block', () => {
  test.each(['ni', 'harm'] as const)('%s: expectation of at most 1 on the edge of its null, by enumeration', (side) => {
    let tried = 0;
    fc.assert(
      fc.property(fc.double({ min: 0.06, max: 0.6, noNaN: true }), fc.double({ min: 0, max: 0.5, noNaN: true }), fc.double({ min: 0, max: 0.5, noNaN: true }), fc.constantFrom(0, 0.2, 0.5), fc.double({ min: 0.01, max: 1, noNaN: true }), fc.constantFrom(0.25, 0.5, 1, 4), (mean, tailS, tailC, m, mu, mult) => {
        const [stable, canary] = [withMean(mean, tailS), withMean((1 + m) * mean, tailC)];
        fc.pre(stable !== undefined && canary !== undefined);
        tried += 1;
        let sum = 0;
        for (const c of outcomes(2, canary ?? [])) {
          for (const s of outcomes(3, stable ?? [])) sum += c.chance * s.chance * Math.exp(costBlockLogE({ countsCanary: c.counts, countsStable: s.counts, v, m, mu, variance: 0.02, mult, side }).logE);
        }
        expect(sum).toBeLessThanOrEqual(1 + 1e-9);
      }),
      { numRuns: 200 },
    );
    expect(tried).toBeGreaterThan(40);
  });

  test('speaks for a cheap canary and against a dear one', () => {
    const stable = { countsStable: [700, 250, 50], v, mu: 0.185, variance: 0.06, mult: 0.5 };
    const [cheap, dear] = [{ countsCanary: [75, 20, 5] }, { countsCanary: [30, 40, 30] }];
    expect(costBlockLogE({ ...stable, ...cheap, m: 0.2, side: 'ni' }).logE).toBeGreaterThan(0);
    expect(costBlockLogE({ ...stable, ...dear, m: 0.2, side: 'ni' }).logE).toBeLessThan(0);
    expect(costBlockLogE({ ...stable, ...cheap, m: 0, side: 'harm' }).logE).toBeLessThan(0);
    expect(costBlockLogE({ ...stable, ...dear, m: 0, side: 'harm' }).logE).toBeGreaterThan(1);
  });

  test('is finite for any counts and any past of stable', () => {
    const counts = fc.array(fc.oneof(fc.nat(3), fc.constant(1e9)), { minLength: 3, maxLength: 3 });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(counts, counts, share, share, fc.constantFrom('ni', 'harm'), (countsCanary, countsStable, mu, variance, side) => {
        expect(Number.isFinite(costBlockLogE({ countsCanary, countsStable, v, m: 0.2, mu, variance, mult: 1, side }).logE)).toBe(true);
      }),
    );
  });

  test('abstains while one revision has no requests and while the past is unknown', () => {
    const bet = { v, m: 0.2, variance: 0.02, mult: 1, side: 'ni' } as const;
    expect(costBlockLogE({ countsCanary: [0, 0, 0], countsStable: [1, 2, 3], mu: 0.2, ...bet }).logE).toBe(0);
    expect(costBlockLogE({ countsCanary: [1, 0, 0], countsStable: [1, 2, 3], mu: 0, ...bet }).logE).toBe(0);
    expect(costBlockLogE({ countsCanary: [1, 0, 0], countsStable: [1, 2, 3], mu: 5e-324, ...bet, variance: 0 }).logE).toBe(0);
  });

  test('refuses a histogram of another length and a cost beyond the cap', () => {
    const input = { countsCanary: [1, 1, 1], countsStable: [1, 1, 1], v, m: 0.2, mu: 0.2, variance: 0.02, mult: 1, side: 'ni' } as const;
    expect(() => costBlockLogE({ ...input, countsCanary: [1] })).toThrow('countsCanary has 1');
    expect(() => costBlockLogE({ ...input, v: [0.1, 0.2, 1.2] })).toThrow('v[2] is 1.2');
  });
});
