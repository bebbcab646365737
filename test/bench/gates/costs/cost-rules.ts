import type { PastCounts, RolloutSpec } from '@sluice/crds';
import { measuresOf } from '../../../../operator/src/gates/release-gate/measures.ts';
import { policyOf } from '../../../../operator/src/gates/release-gate/policy-of.ts';
import { conclude, type Conclusion, type CostMetric, type GatePolicy, openState } from '../../../../operator/src/gates/sequential/index.ts';
import { minuteBlock, minuteMs } from '../../../../operator/src/gates/sequential/testing/run-release.ts';
import type { Random } from '../../../../operator/src/gates/sequential/testing/seeded-random.ts';
import type { CostCounts } from '../../../../operator/src/gates/statistics/index.ts';
import { costBuckets } from '../../../../runtime/src/telemetry/cost-metrics.ts';
import type { CostCell } from './cost-cells.ts';
import { costMinute, countedCosts } from './cost-traffic.ts';

/** `Sums`: what is in force, by buckets and exact sums. `Middles`: as before decision record 34, each request as the middle of its bucket. */
export type CostMethod = 'Sums' | 'Middles';

export interface CostOutcome {
  readonly verdict: 'Promote' | 'Rollback' | 'Undecided';
  readonly minutes: number;
}

/** Stable requests of the past that the release knows when it begins. */
const historyRequests = 2_000;

/** The policy that a rollout with a cost gate comes to. */
export function costPolicy(cell: CostCell, method: CostMethod, random: Random): GatePolicy {
  const past = costPast(cell, random);
  const rollout: RolloutSpec = {
    steps: [{ weight: 100 / (1 + cell.stablePerCanary), duration: '1m' }],
    gates: { objectives: [{ name: 'cost', role: 'Gate', cost: { maxIncreasePercent: cell.margin * 100 } }], interval: '1m', minDuration: '0s' },
    maxDuration: `${cell.minutes}m`, progressDeadline: '5m', holdLimit: '24h', onSecretChange: 'Restart', historyLimit: 10,
  };
  const policy = policyOf({ rollout, measures: measuresOf(rollout.gates ?? {}, { past }), past, requestTimeoutMs: 0, elapsedMs: 0 });
  const metrics = policy.metrics.map((metric) => (metric.kind === 'Cost' && method === 'Middles' ? withoutEdges(metric) : metric));
  return { ...policy, metrics, deadlineTest: 'Off' };
}

function withoutEdges({ edges: _edges, ...metric }: CostMetric): CostMetric {
  return metric;
}

/** What the stable pods had counted. */
export function costPast({ shape, dollars, canaryPerMinute, stablePerCanary }: CostCell, random: Random): PastCounts {
  const { counts, dollars: sum } = countedCosts(historyRequests, { shape, mean: dollars }, random);
  let upTo = 0;
  const buckets = [...costBuckets, -1].map((le, index) => ({ le, count: (upTo += counts[index] ?? 0) }));
  const perMinute = canaryPerMinute * (1 + stablePerCanary);
  return { requests: historyRequests, bad: 0, latencyBuckets: [], costBuckets: buckets, costDollars: sum, pods: 1, podMilliseconds: (historyRequests / perMinute) * minuteMs };
}

/** Decides one release by each method, on the same requests. */
export function decideCosts(cell: CostCell, policies: readonly GatePolicy[], random: Random): readonly CostOutcome[] {
  const minutes: CostCounts[] = [];
  const minute = (index: number) => (minutes[index] ??= costMinute(cell, random));
  return policies.map((policy) => decideOne(cell, policy, minute));
}

function decideOne(cell: CostCell, policy: GatePolicy, minute: (index: number) => CostCounts): CostOutcome {
  let conclusion: Conclusion = { verdict: 'Hold', reason: 'Undecided', state: openState(policy, 0) };
  for (let index = 0; index < cell.minutes; index += 1) {
    const block = minuteBlock(index, { xc: 0, nc: 0, xs: 0, ns: 0 }, { metrics: { cost: minute(index) } });
    conclusion = conclude({ state: conclusion.state, blocks: [block], now: (index + 1) * minuteMs, step: 0, stepSince: 0 }, policy);
    if (conclusion.verdict === 'Promote' || conclusion.verdict === 'Rollback') return { verdict: conclusion.verdict, minutes: index + 1 };
  }
  return { verdict: 'Undecided', minutes: cell.minutes };
}
