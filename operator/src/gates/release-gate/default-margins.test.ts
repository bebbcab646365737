import type { Objective, PastCounts, RolloutSpec } from '@sluice/crds';
import { describe, expect, test } from 'vitest';
import { measuresOf } from './measures.ts';
import { policyOf } from './policy-of.ts';

const hourMs = 3_600_000;
const past = (requests: number, bad: number): PastCounts => ({ requests, bad, latencyBuckets: [], pods: 1, podMilliseconds: hourMs });
const rolloutOf = (objective: Objective, change: Partial<RolloutSpec['gates']> = {}): RolloutSpec => ({
  steps: [{ weight: 10, duration: '1m', marginFactor: 5 }, { weight: 50, duration: '1m' }], gates: { objectives: [objective], ...change },
  maxDuration: '1h', progressDeadline: '5m', holdLimit: '24h', onSecretChange: 'Restart', historyLimit: 10,
});

function marginsOf(objective: Objective, seen: PastCounts | undefined, change: Partial<RolloutSpec['gates']> = {}): readonly number[] {
  const rollout = rolloutOf(objective, change);
  const [metric] = policyOf({ rollout, measures: measuresOf({ objectives: [objective] }, { past: seen }), past: seen, requestTimeoutMs: 0, elapsedMs: 0 }).metrics;
  return metric?.kind === 'Bound' ? [] : (metric?.margins ?? []);
}

const success: Objective = { name: 'success', successRate: {} };

describe('the margin of an objective that names none', () => {
  test.each<[string, Objective, PastCounts | undefined, readonly number[]]>([
    ['of success', success, past(60_000, 600), [0.1, 0.02]],
    ['of success where nearly nothing fails and the traffic is ample', success, past(60_000, 30), [0.05, 0.01]],
    ['of success where nearly nothing fails and the traffic is short', success, past(1_200, 0), [0.1, 0.02]],
    ['of success where little is known', success, past(500, 0), [0.1, 0.02]],
    ['of success where nothing is known', success, undefined, [0.1, 0.02]],
    ['of success beside a fixed bound', { name: 'success', successRate: { minPercent: 99 } }, past(60_000, 30), [0.1, 0.02]],
    ['that is written', { name: 'success', successRate: { maxDropPoints: 3 } }, past(60_000, 30), [0.15, 0.03]],
    ['of latency', { name: 'p95', latency: { percentile: 95 } }, past(60_000, 30), [0.125, 0.025]],
    ['of tools', { name: 'tools', toolErrors: {} }, past(60_000, 30), [0.1, 0.02]],
    ['of citations', { name: 'cites', citations: {} }, past(60_000, 30), [0.25, 0.05]],
    ['of what is blocked', { name: 'blocked', blocked: {} }, past(60_000, 30), [0.1, 0.02]],
    ['of cost', { name: 'cost', cost: {} }, past(60_000, 30), [1, 0.2]],
  ])('%s', (_, objective, seen, expected) => {
    expect(marginsOf(objective, seen)).toEqual(expected.map((margin) => expect.closeTo(margin, 9)));
  });

  test('a design effect needs as many times the traffic', () => {
    expect(marginsOf(success, past(6_000, 2))).toEqual([0.05, 0.01]);
    expect(marginsOf(success, past(6_000, 2), { designEffect: 20 })).toEqual([0.1, 0.02]);
  });

  test('stays as the release began with it, and a written one takes its place at once', () => {
    const rollout = rolloutOf(success);
    const measures = measuresOf({ objectives: [success] }, { past: past(60_000, 30) });
    const frozen = policyOf({ rollout, measures, past: past(60_000, 30), requestTimeoutMs: 0, elapsedMs: 0 });
    const later = (objective: Objective) => policyOf({ rollout: rolloutOf(objective), measures, past: undefined, requestTimeoutMs: 0, elapsedMs: 0, frozen }).metrics;
    expect(later(success)).toEqual(frozen.metrics);
    expect(later({ name: 'success', successRate: { maxDropPoints: 4 } })).toMatchObject([{ margins: [0.2, 0.04] }]);
  });
});
