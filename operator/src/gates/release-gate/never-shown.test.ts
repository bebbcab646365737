import { latencyEdges, type Objective, type PastCounts, type RolloutSpec } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { openGate } from './open-gate.ts';

const hour = 3_600_000;
const counted = latencyEdges.map((le) => ({ le, count: le < 2 ? 3_000 : 3_600 }));
const past: PastCounts = { requests: 3_600, bad: 90, latencyBuckets: [...counted, { le: -1, count: 3_600 }], pods: 1, podMilliseconds: hour };
const bound = (name: string, change: Partial<Objective>): Objective => ({ name, ...change });

function forecastOf(objective: Objective, counts: PastCounts = past) {
  const rollout: RolloutSpec = {
    steps: [{ weight: 50, duration: '1m' }], gates: { objectives: [bound('first', { successRate: { maxDropPoints: 10 } }), objective], minDuration: '0s' }, maxDuration: '1h', progressDeadline: '5m', holdLimit: '24h', onSecretChange: 'Restart', historyLimit: 10,
  };
  return openGate({ rollout, requestTimeoutMs: 1_000, elapsedMs: 0 }, counts, hour).forecast;
}

describe('what can never be shown is told with the field, the value and what to write', () => {
  it.each<[string, Objective, string]>([
    ['a latency above what pods count', bound('p95', { latency: { percentile: 95, maxMilliseconds: 90_000 } }), 'spec.rollout.gates.objectives[1].latency.maxMilliseconds is 90000: requests are counted up to 60000 ms, so a bound beyond that is never measured: write 60000 at most; '],
    ['a latency that stable does not keep', bound('p95', { latency: { percentile: 95, maxMilliseconds: 1_500 } }), 'spec.rollout.gates.objectives[1].latency.maxMilliseconds is 1500, which allows 5 % bad, and the stable revision has 16.67 %: a revision that is as good can never show it, so widen it; '],
    ['a success rate that stable does not keep', bound('good', { successRate: { minPercent: 99 } }), 'spec.rollout.gates.objectives[1].successRate.minPercent is 99, which allows 1 % bad, and the stable revision has 2.5 %: a revision'],
    ['what was never counted', bound('tools', { role: 'Gate', toolErrors: { maxPercent: 2 } }), 'spec.rollout.gates.objectives[1].toolErrors.maxPercent is 2: nothing of it is counted of the stable revision yet, so what it needs is not known; '],
  ])('%s', (_, objective, sentence) => {
    const forecast = forecastOf(objective);
    expect(forecast?.message).toContain(sentence);
    expect(forecast?.message).not.toContain('/bound');
    expect(forecast?.summary).toBe(`out of reach: ${objective.name}`);
  });

  it('the last edge is that of the pods, where it is another one', () => {
    const further = { ...past, latencyBuckets: [...counted, { le: 120, count: 3_600 }, { le: -1, count: 3_600 }] };
    const slow = (maxMilliseconds: number) => forecastOf(bound('p95', { latency: { percentile: 95, maxMilliseconds } }), further)?.message;
    expect(slow(90_000)).toContain('p95 needs about');
    expect(slow(200_000)).toContain('requests are counted up to 120000 ms, so a bound beyond that is never measured: write 120000 at most');
  });
});
