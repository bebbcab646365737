import { describe, expect, test } from 'vitest';
import { type BoundMetric, type CostMetric, forecast, forecastSteps, type GatePolicy, judge, openState, type Traffic } from './index.ts';
import { failuresMetric, gatePolicy, minuteBlock, minuteMs, runRelease } from './testing/run-release.ts';
import { seededRandom } from './testing/seeded-random.ts';
import { trafficOf } from './testing/traffic-model.ts';

const traffic = (canaryPerMinute: number, stablePerCanary = 9): Traffic => ({ canaryPerMinute, stablePerMinute: canaryPerMinute * stablePerCanary });
const bound = (change: Partial<BoundMetric> = {}): BoundMetric => ({ name: 'slo', kind: 'Bound', role: 'gate', weight: 1, designEffect: 1, bound: 0.05, history: { bad: 20, requests: 1000 }, ...change });
const cost: CostMetric = { name: 'cost', kind: 'Cost', role: 'gate', weight: 1, designEffect: 1, margins: [0.2], v: [0.05, 0.2, 0.6], history: { mean: 0.12, variance: 0.02, requests: 300 } };
const steps = (...minimumMinutes: number[]) => minimumMinutes.map((minutes) => ({ minimumMs: minutes * minuteMs }));

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

describe('the forecast is what a good revision then typically needs', () => {
  test('of a rate', () => {
    const policy = gatePolicy({ deadlineMs: 300 * minuteMs });
    const [expected] = forecast(policy, traffic(60));
    const random = seededRandom(1);
    const taken = Array.from({ length: 60 }, () => runRelease(trafficOf({ canaryPerMinute: 60, stablePerCanary: 9, baseline: 0.02, drop: 0, minutes: 120 }, random), policy).minutes);
    expect(median(taken) / (expected?.minutes ?? 0)).toBeGreaterThan(0.6);
    expect(median(taken) / (expected?.minutes ?? 0)).toBeLessThan(1.6);
  });

  test.each([
    ['a fixed bound', bound(), { slo: { xc: 2, nc: 100, xs: 18, ns: 900 } }],
    ['a cost', cost, { cost: { countsCanary: [70, 25, 5], countsStable: [630, 225, 45] } }],
  ] as const)('of %s', (_, metric, counts) => {
    const policy = gatePolicy({ metrics: [metric], deadlineMs: 300 * minuteMs });
    const [expected] = forecast(policy, traffic(100));
    let [state, minute, verdict] = [openState(policy, 0), 0, 'Hold'];
    for (; verdict === 'Hold' && minute < 200; minute += 1) ({ state, verdict } = judge({ state, blocks: [{ ...minuteBlock(minute, { nc: 100, xc: 2, ns: 900, xs: 18 }), metrics: counts }], now: (minute + 1) * minuteMs, step: 0, stepSince: 0 }, policy));
    expect(verdict).toBe('Promote');
    expect(minute / (expected?.minutes ?? 0)).toBeGreaterThan(0.5);
    expect(minute / (expected?.minutes ?? 0)).toBeLessThan(2);
  });

  test.each([['with the variance of usual costs', 0.002, 0.2], ['where all cost alike, whatever that would promise', 1e-6, 0.1]])('of a cost by its sum, %s', (_, variance, margin) => {
    const exact: CostMetric = { ...cost, margins: [margin], v: [0.05, 0.13, 1], edges: [0.1, 0.15], cap: 1, history: { mean: 0.12, variance, requests: 2000 } };
    const policy = gatePolicy({ metrics: [exact], deadlineMs: 300 * minuteMs });
    const [expected] = forecast(policy, traffic(100));
    const block = { countsCanary: [0, 100, 0], countsStable: [0, 900, 0], dollarsCanary: 12, dollarsStable: 108 };
    let [state, minute, verdict] = [openState(policy, 0), 0, 'Hold'];
    for (; verdict === 'Hold' && minute < 200; minute += 1) ({ state, verdict } = judge({ state, blocks: [{ ...minuteBlock(minute, { nc: 100, xc: 2, ns: 900, xs: 18 }), metrics: { cost: block } }], now: (minute + 1) * minuteMs, step: 0, stepSince: 0 }, policy));
    expect(verdict).toBe('Promote');
    expect(minute / (expected?.minutes ?? 0)).toBeGreaterThan(0.5);
    expect(minute / (expected?.minutes ?? 0)).toBeLessThan(2);
  });

  test('the smallest margin of a cost is the one that the traffic just reaches, and an hour of little traffic reaches none of a few percent', () => {
    const policy = (margin: number) => gatePolicy({ metrics: [{ ...cost, margins: [margin] }], deadlineMs: 60 * minuteMs });
    const [little, ample] = [forecast(policy(0.2), traffic(1))[0], forecast(policy(0.2), traffic(1000))[0]];
    expect(little?.smallestMargin).toBeGreaterThan(0.2);
    expect(ample?.smallestMargin).toBeLessThan(0.05);
    const least = little?.smallestMargin ?? 0;
    expect([least * 1.02, least * 0.98].map((margin) => forecast(policy(margin), traffic(1))[0]?.reachable)).toEqual(['Yes', 'No']);
  });

  test('of a bound that the stable revision breaks: never', () => {
    expect(forecast(gatePolicy({ metrics: [bound({ history: { bad: 100, requests: 1000 } })] }), traffic(100))[0]).toMatchObject({ requests: Infinity, minutes: Infinity, reachable: 'No', smallestMargin: undefined });
  });
});

describe('the forecast of steps', () => {
  const ladder = (change: Partial<GatePolicy> = {}) => gatePolicy({ metrics: [failuresMetric({ margins: [0.1, 0.05, 0.02] })], steps: steps(5, 5, 5), requestTimeoutMs: minuteMs, deadlineMs: 120 * minuteMs, ...change });
  const weights = [traffic(30, 19), traffic(150, 3), traffic(300, 1)];

  test('a step lasts as long as it says where its proof comes sooner, and what steps before have shown is not asked again', () => {
    const plan = forecastSteps(ladder(), weights);
    expect(plan.map(({ minutes }) => minutes)).toEqual([5, 5, expect.any(Number)]);
    expect(plan[2]?.requests).toBeLessThan(forecast(ladder(), traffic(300, 1))[0]?.requests ?? 0);
    expect(plan.map(({ endsAfter }) => endsAfter).every((end, index, all) => index === 0 || end > (all[index - 1] ?? 0))).toBe(true);
    expect(plan.every(({ reachable }) => reachable === 'Yes')).toBe(true);
  });

  test('a step whose weight is too small for its margin is told, with the gate that waits', () => {
    const plan = forecastSteps(ladder({ deadlineMs: 60 * minuteMs }), [traffic(0.3, 19), traffic(150, 3), traffic(300, 1)]);
    expect(plan[0]).toMatchObject({ reachable: 'No', slowest: 'failures' });
    expect(plan[0]?.minutes).toBeGreaterThan(60);
  });

  test.each([['nobody is sent there', [undefined, traffic(150, 3), traffic(300, 1)]], ['stable gets nothing', [{ canaryPerMinute: 10, stablePerMinute: 0 }, traffic(150, 3), traffic(300, 1)]]] as const)('%s: it never ends', (_, traffics) => {
    expect(forecastSteps(ladder(), traffics)[0]).toMatchObject({ requests: Infinity, minutes: Infinity, reachable: 'No' });
  });

  test('the last step waits for the shortest time of the release, every step for the settle time', () => {
    expect(forecastSteps(ladder({ minimumMs: 60 * minuteMs }), weights).at(-1)?.endsAfter).toBe(60);
    const [only] = forecastSteps(gatePolicy({ requestTimeoutMs: 2 * minuteMs }), [traffic(60_000)]);
    expect(only?.minutes).toBeGreaterThanOrEqual(3);
    expect(only?.minutes).toBeLessThan(3.1);
  });

  test('a last step of all the traffic, in which nothing can be compared, asks for nothing that the steps before have not shown', () => {
    const whole = { canaryPerMinute: 600, stablePerMinute: 0 };
    const same = ladder({ metrics: [failuresMetric({ margins: [0.02, 0.02, 0.02] })] });
    expect(forecastSteps(same, [traffic(60, 9), traffic(300, 1), whole])).toMatchObject([{ reachable: 'Yes' }, { requests: 0 }, { requests: 0, minutes: 5, reachable: 'Yes' }]);
    expect(forecastSteps(ladder({ metrics: [failuresMetric({ margins: [0.5, 0.5, 0.02] })], steps: steps(1, 1, 1) }), [traffic(6, 9), traffic(6, 1), whole])[2]).toMatchObject({ requests: Infinity, reachable: 'No', slowest: 'failures' });
  });

  test('without gates only time is waited for', () => {
    expect(forecastSteps(gatePolicy({ metrics: [failuresMetric({ role: 'guard' })], steps: steps(7) }), [traffic(60)])).toEqual([{ requests: 0, minutes: 7, endsAfter: 7, reachable: 'Yes', slowest: undefined }]);
  });
});
