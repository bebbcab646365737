import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, earlyHarmShare, harmEvidence, type MetricEvidence } from './decision.ts';
import { combineHarm } from './weighted-mean.ts';

const open: MetricEvidence = { role: 'gate', weight: 1, latched: false, logENI: 0, logEHarm0: 0, logEHarmD: 0 };
const settings = { alphaPromote: 0.05, alphaRollback: 0.05, deadline: false, breaker: false, settled: true };
const log = fc.double({ min: -30, max: 30, noNaN: true });
const metric: fc.Arbitrary<MetricEvidence> = fc.record({ role: fc.constantFrom('gate' as const, 'guard' as const), weight: fc.double({ min: 0.1, max: 5, noNaN: true }), latched: fc.boolean(), logENI: log, logEHarm0: log, logEHarmD: log });

describe('a decision', () => {
  test.each([
    ['waits for proof', [open], {}, 'hold'],
    ['promotes what is proven', [{ ...open, latched: true }], {}, 'promote'],
    ['waits until outcomes are settled', [{ ...open, latched: true }], { settled: false }, 'hold'],
    ['does not promote while the provider is out', [{ ...open, latched: true }], { breaker: true }, 'hold'],
    ['ends inconclusively when the time is up', [open], { deadline: true }, 'inconclusive'],
    ['lets no time run out while the provider is out', [open], { deadline: true, breaker: true }, 'hold'],
    ['promotes at the deadline what is proven', [{ ...open, latched: true }], { deadline: true }, 'promote'],
    ['rolls back although all is proven', [{ ...open, latched: true, logEHarmD: 6 }], {}, 'rollback'],
    ['rolls back while the provider is out and outcomes are not settled', [{ ...open, logEHarm0: 5 }], { breaker: true, settled: false }, 'rollback'],
    ['promotes nothing on guards alone', [{ ...open, role: 'guard' as const, latched: true }], {}, 'hold'],
    ['holds with nothing measured', [], {}, 'hold'],
    ['rolls back for a guard', [open, { ...open, role: 'guard' as const, logEHarm0: 8 }], {}, 'rollback'],
  ] as const)('%s', (_, metrics, other, expected) => {
    expect(decide({ metrics, ...settings, ...other }).decision).toBe(expected);
  });

  test('keeps what was proven once', () => {
    expect(decide({ metrics: [{ ...open, latched: true, logENI: -20 }, { ...open, logENI: 3 }], ...settings }).latched).toEqual([true, true]);
  });

  test('never promotes with an open gate', () => {
    fc.assert(
      fc.property(fc.array(metric, { maxLength: 5 }), fc.record({ deadline: fc.boolean(), breaker: fc.boolean(), settled: fc.boolean() }), (metrics, state) => {
        const { decision, latched } = decide({ metrics, ...settings, ...state });
        if (decision === 'promote') expect(metrics.every((each, index) => each.role === 'guard' || latched[index])).toBe(true);
        if (decision === 'inconclusive') expect(state.deadline).toBe(true);
      }),
    );
  });

  test('never rolls back later than two thresholds, one for each part of the risk, would', () => {
    fc.assert(
      fc.property(fc.array(metric, { minLength: 1, maxLength: 5 }), fc.double({ min: 0.001, max: 0.2, noNaN: true }), (metrics, alphaRollback) => {
        const weights = metrics.map((each) => each.weight);
        const early = combineHarm({ logE: metrics.map((each) => each.logEHarm0), weights }).logE >= Math.log(1 / (earlyHarmShare * alphaRollback));
        const late = combineHarm({ logE: metrics.map((each) => each.logEHarmD), weights }).logE >= Math.log(1 / ((1 - earlyHarmShare) * alphaRollback));
        if (early || late) expect(decide({ metrics, ...settings, alphaRollback: alphaRollback * (1 + 1e-9) }).decision).toBe('rollback');
      }),
    );
  });
});

describe('the weighted mean of e-values', () => {
  test('lies between the least and the greatest and knows no scale of the weights', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(log, fc.double({ min: 0.01, max: 9, noNaN: true })), { minLength: 1, maxLength: 8 }), (pairs) => {
        const [logE, weights] = [pairs.map((pair) => pair[0]), pairs.map((pair) => pair[1])];
        const mean = combineHarm({ logE, weights }).logE;
        expect(mean).toBeGreaterThanOrEqual(Math.min(...logE) - 1e-9);
        expect(mean).toBeLessThanOrEqual(Math.max(...logE) + 1e-9);
        expect(combineHarm({ logE, weights: weights.map((weight) => weight * 7) }).logE).toBeCloseTo(mean, 9);
      }),
    );
  });

  test('is never later than Bonferroni', () => {
    expect(harmEvidence([{ ...open, logEHarm0: Math.log(3 * 25) }, open, open])).toBeGreaterThanOrEqual(Math.log(20));
  });

  test.each([
    [{ logE: [1], weights: [] }, 'logE has 1 values and weights 0'],
    [{ logE: [1], weights: [0] }, 'weights are 0'],
    [{ logE: [1, 1], weights: [2, -1] }, 'weights are 2, -1'],
    [{ logE: [Number.NaN], weights: [1] }, 'logE is NaN'],
  ])('refuses %j', (input, message) => {
    expect(() => combineHarm(input)).toThrow(message);
  });
});
