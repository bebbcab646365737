import { bernoulliDivergence, turningPoint } from '@sluice/statistics';
import { boundBets, costStakesOf, expectedRate, planRequests } from '../statistics/index.ts';
import { firstShare } from './accumulate.ts';
import type { BoundMetric, CostMetric, GatePolicy, MetricPolicy, RateMetric } from './policy.ts';
import { riskOf } from './risk.ts';

/** Requests of both revisions in a minute. */
export interface Traffic {
  readonly canaryPerMinute: number;
  readonly stablePerMinute: number;
}

/** Margins within this share of what is possible at all. */
const widest = 0.999;

/** Bets on a cost, of which about one grows. */
const costBets = 3;

/** Nats of proof that a gate must gather, in the first attempt. */
export function neededNats(metric: MetricPolicy, policy: GatePolicy): number {
  const risk = Math.log(1 / (riskOf(policy, { attempt: 0, freshStarts: 0 }).anytime.promote * firstShare));
  if (metric.kind === 'Bound') return risk + Math.log(boundBets(metric.bound, 'good').length);
  return metric.kind === 'Cost' ? risk + Math.log(costBets) : risk;
}

/**
 * Nats of proof that each canary request typically brings for the margin of a step, from a canary that is as stable was; 0 where none can
 * be gathered: without traffic of both to compare, or where stable itself does not keep a fixed bound.
 */
export function growthPerRequest(metric: MetricPolicy, step: number, traffic: Traffic): number {
  if (traffic.canaryPerMinute <= 0) return 0;
  if (metric.kind === 'Bound') return boundGrowth(metric) / metric.designEffect;
  if (traffic.stablePerMinute <= 0) return 0;
  const stablePerCanary = traffic.stablePerMinute / traffic.canaryPerMinute;
  const margin = metric.margins[step] ?? metric.margins.at(-1) ?? 0;
  return (metric.kind === 'Rate' ? rateGrowth(metric, margin, stablePerCanary) : costGrowth(metric, margin, stablePerCanary)) / metric.designEffect;
}

function rateGrowth({ history }: RateMetric, margin: number, stablePerCanary: number): number {
  const b = expectedRate(history);
  // The growth knows neither of the risk nor of the capital.
  return planRequests({ b, delta: Math.min(margin, (1 - b) * widest), stablePerCanary, alpha: 0.05, w1: firstShare }).growthPerCanaryRequest;
}

/** Growth of the best bet, to the second order: what it wins on a request that costs what stable's do, less half of the squares that it meets. No bet stakes more than it may lose on a request at the cap. */
function costGrowth({ history: { mean, variance } }: CostMetric, margin: number, stablePerCanary: number): number {
  const growths = costStakesOf({ m: margin, mu: mean, variance, side: 'ni' }, { nc: 1, ns: stablePerCanary }).map(({ canary, stable }) => {
    const apart = canary.theta - mean;
    const off = stable.theta - mean;
    const won = canary.stake * apart + stablePerCanary * stable.stake * off;
    return won - (canary.stake ** 2 * (variance + apart ** 2) + stablePerCanary * stable.stake ** 2 * (variance + off ** 2)) / 2;
  });
  return Math.max(0, ...growths);
}

/** The smallest margin of a cost, as a share of its mean, that so many canary requests can be expected to decide; undefined where even ten times the cost cannot be ruled out. */
export function smallestCostMargin(metric: CostMetric, { requests, nats, stablePerCanary }: { readonly requests: number; readonly nats: number; readonly stablePerCanary: number }): number | undefined {
  const decides = (margin: number) => (costGrowth(metric, margin, stablePerCanary) * requests) / metric.designEffect >= nats;
  const [least, most] = [1e-3, 9];
  if (!decides(most)) return undefined;
  return decides(least) ? least : turningPoint(least, most, decides);
}

function boundGrowth({ bound, history }: BoundMetric): number {
  const b = expectedRate(history ?? { bad: 0, requests: 0 });
  const growths = boundBets(bound, 'good').map((q) => bernoulliDivergence(b, bound) - bernoulliDivergence(b, q));
  return Math.max(0, ...growths);
}
