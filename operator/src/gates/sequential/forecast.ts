import { expectedRate, planRequests, smallestMargin } from '../statistics/index.ts';
import { firstShare } from './accumulate.ts';
import type { GatePolicy, RateMetric } from './policy.ts';
import { riskOf } from './risk.ts';

/** Requests of both revisions that today's traffic would bring in a minute at the last step's weight. */
export interface Traffic {
  readonly canaryPerMinute: number;
  readonly stablePerMinute: number;
}

export interface Forecast {
  readonly metric: string;
  /** Canary requests after which a revision as good as stable has typically shown it; for clusters that many clusters. */
  readonly requests: number;
  /** Minutes at this traffic; Infinity without traffic. */
  readonly minutes: number;
  readonly reachable: 'Yes' | 'No';
  /** The smallest margin that the deadline leaves time to decide; undefined when none. */
  readonly smallestMargin: number | undefined;
}

/** What each gate that compares rates will need, before anything has begun. */
export function forecast(policy: GatePolicy, traffic: Traffic): readonly Forecast[] {
  const gates = policy.metrics.filter((metric): metric is RateMetric => metric.kind === 'Rate' && metric.role === 'gate');
  return gates.map((metric) => forecastMetric(metric, policy, traffic));
}

function forecastMetric(metric: RateMetric, policy: GatePolicy, { canaryPerMinute, stablePerMinute }: Traffic): Forecast {
  const plan = {
    b: expectedRate(metric.history),
    stablePerCanary: canaryPerMinute > 0 && stablePerMinute > 0 ? stablePerMinute / canaryPerMinute : 1,
    alpha: riskOf(policy, { attempt: 0, freshStarts: 0 }).anytime.promote,
    w1: firstShare,
  };
  const delta = Math.min(metric.margins.at(-1) ?? 0, (1 - plan.b) * 0.999);
  const requests = planRequests({ ...plan, delta }).requests * metric.designEffect;
  const minutes = canaryPerMinute > 0 && stablePerMinute > 0 ? requests / canaryPerMinute : Infinity;
  const within = (canaryPerMinute * policy.deadlineMs) / 60_000 / metric.designEffect;
  return {
    metric: metric.name,
    requests: Math.ceil(requests),
    minutes,
    reachable: minutes * 60_000 <= policy.deadlineMs ? 'Yes' : 'No',
    smallestMargin: stablePerMinute > 0 ? smallestMargin({ ...plan, requests: within }) : undefined,
  };
}

/** Whether a deadline test is worth its half of the risk: when the traffic until the deadline is not far beyond what the bets need. */
export function deadlineTestFor(policy: Omit<GatePolicy, 'deadlineTest'>, traffic: Traffic): GatePolicy['deadlineTest'] {
  const expected = (traffic.canaryPerMinute * policy.deadlineMs) / 60_000;
  return forecast({ ...policy, deadlineTest: 'Off' }, traffic).some(({ requests }) => expected < 3 * requests) ? 'On' : 'Off';
}
