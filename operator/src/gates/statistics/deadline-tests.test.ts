import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mcnemarExactOneSided } from '@sluice/statistics';
import { farringtonManningZ, stratifiedNIz, type Stratum } from './farrington-manning.ts';
import { stratifiedFisherP } from './stratified-fisher.ts';
import { badCountChances } from './testing/enumerate.ts';

const stratum = fc.record({ nc: fc.nat(12), ns: fc.nat(12), c: fc.double({ min: 0, max: 1, noNaN: true }), s: fc.double({ min: 0, max: 1, noNaN: true }) }).map(({ nc, ns, c, s }): Stratum => [Math.floor(nc * c), nc, Math.floor(ns * s), ns]);

function choose(n: number, k: number): number {
  let product = 1;
  for (let i = 1; i <= k; i += 1) product = (product * (n - k + i)) / i;
  return k < 0 || k > n ? 0 : product;
}

/** By definition: all ways to spread the bad requests over the revisions, stratum by stratum. */
function fisherByEnumeration(strata: readonly Stratum[], observed: number): number {
  const [first, ...rest] = strata;
  if (first === undefined) return observed <= 0 ? 1 : 0;
  const [xc, nc, xs, ns] = first;
  let sum = 0;
  for (let k = 0; k <= xc + xs; k += 1) sum += ((choose(nc, k) * choose(ns, xc + xs - k)) / choose(nc + ns, xc + xs)) * fisherByEnumeration(rest, observed - k);
  return sum;
}

describe('Fisher over weight steps', () => {
  test('is the enumeration of all ways to spread the bad requests', () => {
    fc.assert(
      fc.property(fc.array(stratum, { maxLength: 3 }), (strata) => {
        const observed = strata.reduce((sum, each) => sum + each[0], 0);
        expect(stratifiedFisherP({ strata }).p).toBeCloseTo(fisherByEnumeration(strata, observed), 9);
      }),
    );
  });

  test('is small with a chance of at most alpha where both revisions are alike, by enumeration', () => {
    for (const [nc, ns, rate] of [[5, 9, 0.3], [8, 8, 0.1], [3, 15, 0.7]] as const) {
      const requests = (n: number) => badCountChances(Array.from({ length: n }, () => rate));
      let risk = 0;
      for (const [xc, first] of requests(nc).entries()) {
        for (const [xs, second] of requests(ns).entries()) risk += stratifiedFisherP({ strata: [[xc, nc, xs, ns]] }).p <= 0.05 ? first * second : 0;
      }
      expect(risk).toBeLessThanOrEqual(0.05);
    }
  });

  test.each([
    ['nothing counted', [], 1],
    ['no requests', [[0, 0, 0, 0]], 1],
    ['one revision only', [[3, 9, 0, 0]], 1],
    ['nothing bad in a thousand million', [[0, 1e9, 0, 1e9]], 1],
  ] as const)('%s decides nothing', (_, strata, expected) => {
    expect(stratifiedFisherP({ strata }).p).toBeCloseTo(expected, 9);
  });

  test('holds for large counts', () => {
    expect(stratifiedFisherP({ strata: [[20_000, 1e8, 180_000, 9e8]] }).p).toBeCloseTo(0.5, 2);
    expect(stratifiedFisherP({ strata: [[21_000, 1e8, 180_000, 9e8]] }).p).toBeLessThan(1e-9);
  });
});

describe('the score of Farrington and Manning', () => {
  test('rises with every bad request of the canary, falls with the margin, and is never NaN', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 1_000_000_000 }), fc.integer({ min: 2, max: 1_000_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (nc, ns, c, s) => {
        const [xc, xs] = [Math.floor((nc - 1) * c), Math.floor(ns * s)];
        const { z } = farringtonManningZ({ xc, nc, xs, ns, d: 0.02 });
        expect(farringtonManningZ({ xc: xc + 1, nc, xs, ns, d: 0.02 }).z).toBeGreaterThan(z);
        expect(farringtonManningZ({ xc, nc, xs, ns, d: 0.05 }).z).toBeLessThanOrEqual(z + 1e-6);
      }),
    );
  });

  test('is 0 where one revision has no requests, and a step without them counts for nothing', () => {
    expect(farringtonManningZ({ xc: 0, nc: 0, xs: 1, ns: 9, d: 0.02 }).z).toBe(0);
    expect(stratifiedNIz({ strata: [[5, 360, 66, 3240], [0, 0, 3, 50]], d: 0.02 })).toEqual(stratifiedNIz({ strata: [[5, 360, 66, 3240]], d: 0.02 }));
  });

  test('is 0 exactly on the margin', () => {
    expect(farringtonManningZ({ xc: 40, nc: 1000, xs: 20, ns: 1000, d: 0.02 }).z).toBeCloseTo(0, 9);
  });

  test('refuses counts that cannot be', () => {
    expect(() => stratifiedNIz({ strata: [[2, 1, 0, 1]], d: 0.02 })).toThrow('strata[0] canary has 2 bad of 1');
    expect(() => stratifiedFisherP({ strata: [[0, 1, 2, 1]] })).toThrow('strata[0] stable has 2 bad of 1');
  });
});

test('McNemar: all flips to the worse by chance alone', () => {
  expect(mcnemarExactOneSided({ worse: 5, better: 0 }).p).toBeCloseTo(1 / 32, 12);
  expect(mcnemarExactOneSided({ worse: 0, better: 5 }).p).toBe(1);
});
