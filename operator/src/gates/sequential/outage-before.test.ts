import { describe, expect, test } from 'vitest';
import { upperRateLimit } from '@sluice/statistics';
import { judge, openState } from './index.ts';
import type { GateState } from './state.ts';
import { failuresMetric, gatePolicy, minuteBlock, runRelease } from './testing/run-release.ts';
import { seededRandom } from './testing/seeded-random.ts';
import { type TrafficModel, trafficOf } from './testing/traffic-model.ts';

const clean = { bad: 20, requests: 1000 };
/** More than half of what the stable pods have served since they started fell into an outage. */
const outage = { bad: 550, requests: 1000 };
const usual: TrafficModel = { canaryPerMinute: 60, stablePerCanary: 9, baseline: 0.02, drop: 0, minutes: 60 };
const runs = 100;
const patience = 600_000;

const policyAfter = (history: { readonly bad: number; readonly requests: number }, margin = 0.02) => gatePolicy({ metrics: [failuresMetric({ history, margins: [margin] })] });

function endings(model: Partial<TrafficModel>, history: typeof clean) {
  const random = seededRandom(20_261_123);
  return Array.from({ length: runs }, () => {
    const { conclusion, minutes } = runRelease(trafficOf({ ...usual, ...model }, random), policyAfter(history));
    return { verdict: conclusion.verdict, minutes };
  });
}

/** So few that a risk of 5 % is not contradicted, at 99.9 %. */
const atMostFivePercent = (() => {
  let most = 0;
  while (1 - upperRateLimit(runs - most - 1, runs, 0.001) < 0.05) most += 1;
  return most;
})();

const medianMinutes = (all: ReturnType<typeof endings>) => all.map(({ minutes }) => minutes).toSorted((a, b) => a - b)[runs / 2] ?? 0;

describe('a release after an outage that is in the past of the stable pods', { timeout: patience }, () => {
  test('a good revision is proven as soon as it would be without', () => {
    const [after, without] = [endings({}, outage), endings({}, clean)];
    expect(after.filter(({ verdict }) => verdict === 'Promote').length).toBeGreaterThanOrEqual(95);
    expect(medianMinutes(after)).toBeLessThanOrEqual(medianMinutes(without) + 2);
  });

  test.each([['at one request a second', 60], ['at a tenth of that', 6]])('the risks hold %s', (_, canaryPerMinute) => {
    expect(endings({ canaryPerMinute, drop: 0.02 }, outage).filter(({ verdict }) => verdict === 'Promote').length).toBeLessThanOrEqual(atMostFivePercent);
    expect(endings({ canaryPerMinute }, outage).filter(({ verdict }) => verdict === 'Rollback').length).toBeLessThanOrEqual(atMostFivePercent);
  });

  test('a revision that is worse by 20 points is found as soon', () => {
    const [after, without] = [endings({ drop: 0.2 }, outage), endings({ drop: 0.2 }, clean)];
    expect(after.every(({ verdict }) => verdict === 'Rollback')).toBe(true);
    expect(medianMinutes(after)).toBeLessThanOrEqual(medianMinutes(without) + 1);
  });

  test('as a newcomer met it, 0 bad of 136 and of 111 at a margin of five points: proven, and no thousand requests more are asked for', () => {
    const policy = policyAfter(outage, 0.05);
    let state: GateState = openState(policy, 0);
    const told = Array.from({ length: 5 }, (_, minute) => {
      const judged = judge({ state, blocks: [minuteBlock(minute, { nc: 34, xc: 0, ns: 28, xs: 0 })], now: (minute + 1) * 60_000, step: 0, stepSince: 0 }, policy);
      ({ state } = judged);
      return judged.metrics[0];
    });
    // The first block was bet on by the past alone.
    expect(told[0]?.proof).toBeLessThan(2);
    expect(told[0]?.requestsLeft).toBeLessThan(150);
    expect(told[4]?.proven).toBe('Yes');
  });
});
