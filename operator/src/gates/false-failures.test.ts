import { describe, expect, test } from 'vitest';
import { upperRateLimit, upperTail } from '@sluice/statistics';
import { failureRisk } from './bound-check.ts';
import { judgeSuccessRate } from './success-rate.ts';

/** The chances of 0, 1, ... n bad ones. */
function distribution(n: number, p: number): number[] {
  return Array.from({ length: n + 1 }, (_, k) => upperTail(k, n, p) - upperTail(k + 1, n, p));
}

/** Exact: the chances of all counts that fail, added up. */
describe('a revision that keeps its bound fails at one look with a chance of 1 % at most', () => {
  test.each([
    [30, 0.05],
    [100, 0.02],
    [200, 0.01],
  ])('fixed bound, %i requests at a bad rate of %d', (n, p) => {
    const counts = (bad: number) => ({ canary: { bad, requests: n }, stable: { bad: 0, requests: 0 }, minRequests: 1 });
    const chance = distribution(n, p).reduce((sum, weight, bad) => sum + (judgeSuccessRate({ minPercent: 100 - p * 100 }, counts(bad))[0]!.verdict === 'Fail' ? weight : 0), 0);
    expect(chance).toBeLessThanOrEqual(failureRisk + 1e-9);
  });

  test.each([
    [40, 60, 0.02, 0],
    [40, 60, 0.02, 2],
    [30, 30, 0.1, 0],
    [30, 120, 0.005, 1],
  ])('comparison, %i against %i requests, stable bad rate %d, %i points allowed', (n, m, p, points) => {
    const stableChances = distribution(m, p);
    const canaryChances = distribution(n, p + points / 100);
    let chance = 0;
    stableChances.forEach((stableWeight, stableBad) => {
      canaryChances.forEach((weight, bad) => {
        if (stableWeight * weight < 1e-12) return;
        const [verdict] = judgeSuccessRate({ maxDropPoints: points }, { canary: { bad, requests: n }, stable: { bad: stableBad, requests: m }, minRequests: 1 });
        if (verdict!.verdict === 'Fail') chance += stableWeight * weight;
      });
    });
    expect(chance).toBeLessThanOrEqual(failureRisk + 1e-9);
  });

  test.each([
    [40, 60, 0.4, 1],
    [40, 200, 0.2, 5],
    [100, 400, 0.1, 0],
  ])('fixed bound in an outage of both, %i against %i requests at a bad rate of %d, %i points allowed', (n, m, p, points) => {
    const stableChances = distribution(m, p);
    const canaryChances = distribution(n, p);
    let chance = 0;
    stableChances.forEach((stableWeight, stableBad) => {
      canaryChances.forEach((weight, bad) => {
        if (stableWeight * weight < 1e-12) return;
        const counts = { canary: { bad, requests: n, providerFailures: bad }, stable: { bad: stableBad, requests: m, providerFailures: stableBad }, minRequests: 1 };
        const [verdict] = judgeSuccessRate({ minPercent: 100 - points }, counts);
        if (verdict!.verdict === 'Fail') chance += stableWeight * weight;
      });
    });
    expect(chance).toBeLessThanOrEqual(failureRisk + 1e-9);
  });

  test('the stable rate is taken at its upper limit, which is never below the rate that was counted', () => {
    expect(upperRateLimit(3, 100, failureRisk / 2)).toBeGreaterThan(0.03);
  });
});
