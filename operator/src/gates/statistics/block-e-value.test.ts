import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockLogE } from './block-e-value.ts';
import { expectation, withMean } from './testing/enumerate.ts';

const rate = fc.double({ min: 0.001, max: 0.97, noNaN: true });
const size = fc.integer({ min: 1, max: 7 });
const spread = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 7, maxLength: 7 });

interface Design {
  readonly qc: number;
  readonly qs: number;
  readonly d: number;
}

/** Exact expectation of the e-value under bad rates that may differ from request to request. */
function mean({ qc, qs, d }: Design, canary: readonly number[], stable: readonly number[]): number {
  const [nc, ns] = [canary.length, stable.length];
  return expectation(canary, stable, (xc, xs) => Math.exp(blockLogE({ xc, nc, xs, ns, qc, qs, d, phi: 1 }).logE));
}

describe('the e-value of a block', () => {
  test.each([
    ['against "worse by at least d"', 'NonInferiority'],
    ['against "worse by at most d"', 'Harm'],
  ])('%s has an expectation of at most 1 under every null, by enumeration', (_, side) => {
    let tried = 0;
    fc.assert(
      fc.property(rate, rate, fc.double({ min: -0.5, max: 0.5, noNaN: true }), size, size, spread, spread, rate, fc.double({ min: 0, max: 0.3, noNaN: true }), (qc, qs, d, nc, ns, a, b, stableRate, beyond) => {
        fc.pre(side === 'NonInferiority' ? qc - qs < d : qc - qs > d);
        const canaryRate = stableRate + d + (side === 'NonInferiority' ? beyond : -beyond);
        fc.pre(canaryRate >= 0 && canaryRate <= 1);
        const canary = withMean(a.slice(0, nc).map((each) => each * 0.3), canaryRate) ?? Array.from({ length: nc }, () => canaryRate);
        const stable = withMean(b.slice(0, ns).map((each) => each * 0.3), stableRate) ?? Array.from({ length: ns }, () => stableRate);
        tried += 1;
        expect(mean({ qc, qs, d }, canary, stable)).toBeLessThanOrEqual(1 + 1e-9);
      }),
      { numRuns: 600 },
    );
    expect(tried).toBeGreaterThan(300);
  });

  test('has an expectation of exactly 1 where the truth is the projection, so that nothing is given away', () => {
    const design = { qc: 0.06, qs: 0.02, d: 0 };
    const truth = (0.06 * 4 + 0.02 * 6) / 10;
    expect(mean(design, [truth, truth, truth, truth], [truth, truth, truth, truth, truth, truth])).toBeCloseTo(1, 12);
  });

  test('divided by the design effect, it is honest about clusters that fail together', () => {
    fc.assert(
      fc.property(rate, rate, rate, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), (qc, qs, b, phi, clustersC, clustersS) => {
        fc.pre(Math.abs(qc - qs) > 1e-6);
        const [nc, ns] = [clustersC * phi, clustersS * phi];
        const clustersOf = (clusters: number) => Array.from({ length: clusters }, () => b);
        const value = (xc: number, xs: number) => Math.exp(blockLogE({ xc: xc * phi, nc, xs: xs * phi, ns, qc, qs, d: 0, phi }).logE);
        expect(expectation(clustersOf(clustersC), clustersOf(clustersS), value)).toBeLessThanOrEqual(1 + 1e-9);
      }),
      { numRuns: 300 },
    );
  });

  test('without the design effect, clusters break it: why phi is there', () => {
    const value = (xc: number, xs: number) => Math.exp(blockLogE({ xc: xc * 5, nc: 10, xs: xs * 5, ns: 10, qc: 0.5, qs: 0.1, d: 0, phi: 1 }).logE);
    expect(expectation([0.1, 0.1], [0.1, 0.1], value)).toBeGreaterThan(2);
  });

  test('speaks less for the canary with every bad request of its own, and more with every one of stable', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 100_000 }), fc.nat(), fc.nat(), rate, (nc, ns, a, b, q) => {
        const [xc, xs] = [a % nc, b % ns];
        const bet = { qc: q, qs: q, d: 0.02, phi: 1, nc, ns };
        const at = blockLogE({ ...bet, xc, xs }).logE;
        expect(blockLogE({ ...bet, xc: xc + 1, xs }).logE).toBeLessThan(at);
        expect(blockLogE({ ...bet, xc, xs: xs + 1 }).logE).toBeGreaterThan(at);
      }),
    );
  });

  test('is a number for all counts, a thousand million among them', () => {
    const total = fc.oneof(fc.nat(5), fc.constantFrom(0, 1_000_000_000), fc.nat(1_000_000_000));
    const extreme = fc.oneof(rate, fc.constantFrom(1e-9, 1e-4, 0.98, 1 - 1e-9));
    fc.assert(
      fc.property(total, total, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), extreme, extreme, fc.double({ min: -0.9, max: 0.9, noNaN: true }), (nc, ns, fc1, fs, qc, qs, d) => {
        const { logE } = blockLogE({ xc: Math.round(nc * fc1), nc, xs: Math.round(ns * fs), ns, qc, qs, d, phi: 1 });
        expect(Number.isFinite(logE)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    [{ xc: 3, nc: 2 }, 'canary has 3 bad of 2'],
    [{ xs: -1 }, 'stable has -1 bad'],
    [{ xs: Number.NaN }, 'stable has NaN bad'],
    [{ qc: 0 }, 'qc is 0'],
    [{ phi: 0.5 }, 'phi is 0.5'],
  ])('refuses %j', (wrong, message) => {
    expect(() => blockLogE({ xc: 0, nc: 1, xs: 0, ns: 1, qc: 0.1, qs: 0.1, d: 0.1, phi: 1, ...wrong })).toThrow(message);
  });
});
