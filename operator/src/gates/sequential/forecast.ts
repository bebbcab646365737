import { expectedRate, smallestMargin } from '../statistics/index.ts';
import { firstShare } from './accumulate.ts';
import { growthPerRequest, neededNats, smallestCostMargin, type Traffic } from './growth.ts';
import type { GatePolicy, MetricPolicy } from './policy.ts';
import { riskOf } from './risk.ts';

export interface Forecast {
  readonly metric: string;
  /** Canary requests after which a revision as good as stable has typically shown it; Infinity where it never can. */
  readonly requests: number;
  /** Minutes at this traffic; Infinity without traffic. */
  readonly minutes: number;
  readonly reachable: 'Yes' | 'No';
  /** The smallest margin that the deadline leaves time to decide, of a cost as a share of its mean; undefined when none, and for a fixed bound. */
  readonly smallestMargin: number | undefined;
}

/** What each gate will need at the last step's margin with the traffic of one weight, before anything has begun. */
export function forecast(policy: GatePolicy, traffic: Traffic): readonly Forecast[] {
  return policy.metrics.filter(({ role }) => role === 'gate').map((metric) => forecastMetric(metric, policy, traffic));
}

function forecastMetric(metric: MetricPolicy, policy: GatePolicy, traffic: Traffic): Forecast {
  // How many are needed does not depend on how fast they come.
  const some = traffic.canaryPerMinute > 0 && traffic.stablePerMinute > 0 ? traffic : { canaryPerMinute: 1, stablePerMinute: 1 };
  const requests = neededNats(metric, policy) / growthPerRequest(metric, policy.steps.length - 1, some);
  const minutes = growthPerRequest(metric, policy.steps.length - 1, traffic) > 0 ? requests / traffic.canaryPerMinute : Infinity;
  return {
    metric: metric.name,
    requests: Math.ceil(requests),
    minutes,
    reachable: minutes * 60_000 <= policy.deadlineMs ? 'Yes' : 'No',
    smallestMargin: smallestMarginOf(metric, policy, traffic),
  };
}

function smallestMarginOf(metric: MetricPolicy, policy: GatePolicy, { canaryPerMinute, stablePerMinute }: Traffic): number | undefined {
  if (metric.kind === 'Bound' || canaryPerMinute <= 0 || stablePerMinute <= 0) return undefined;
  const all = (canaryPerMinute * policy.deadlineMs) / 60_000;
  if (metric.kind === 'Cost') return smallestCostMargin(metric, { requests: all, nats: neededNats(metric, policy), stablePerCanary: stablePerMinute / canaryPerMinute });
  const requests = all / metric.designEffect;
  const alpha = riskOf(policy, { attempt: 0, freshStarts: 0 }).anytime.promote;
  return smallestMargin({ b: expectedRate(metric.history), stablePerCanary: stablePerMinute / canaryPerMinute, alpha, w1: firstShare, requests });
}

export interface StepForecast {
  /** Canary requests in this step until every gate has typically shown the margin of the step; Infinity where it never can. */
  readonly requests: number;
  /** Minutes from the beginning of the step to its end; Infinity where its gates never pass. */
  readonly minutes: number;
  /** Minutes from the beginning of the first step to the end of this one. */
  readonly endsAfter: number;
  /** Whether it ends before the deadline. */
  readonly reachable: 'Yes' | 'No';
  /** The gate that takes longest; undefined where none is waited for. */
  readonly slowest: string | undefined;
}

/** What the sum of proofs loses to binary fractions. */
const negligibleNats = 1e-9;

interface Span {
  readonly traffic: Traffic | undefined;
  /** Minutes in which blocks were proof. */
  readonly settled: number;
}

/**
 * How long each step will take a revision that is as good as stable, with the traffic of its weight: the settle time, the proof that is still
 * lacking (what the steps before gathered for this step's margin counts), the step's own time and, of the last one, the shortest time of
 * the release. `traffics`: one for each step; undefined where nobody is sent to the canary.
 */
export function forecastSteps(policy: GatePolicy, traffics: readonly (Traffic | undefined)[]): readonly StepForecast[] {
  const gates = policy.metrics.filter(({ role }) => role === 'gate');
  const settle = (policy.requestTimeoutMs + policy.scrapeIntervalMs) / 60_000;
  const spans: Span[] = [];
  let elapsed = 0;
  return policy.steps.map(({ minimumMs }, step) => {
    const traffic = traffics[step];
    const waits = gates.map((metric) => ({ name: metric.name, requests: lackingRequests(metric, { policy, step, traffic, before: spans }) })).filter(({ requests }) => requests > 0);
    const slowest = waits.toSorted((a, b) => b.requests - a.requests)[0];
    const requests = slowest?.requests ?? 0;
    const proof = requests === 0 ? 0 : requests / (traffic?.canaryPerMinute ?? 0);
    const shortest = step === policy.steps.length - 1 ? policy.minimumMs / 60_000 - elapsed : 0;
    const minutes = Math.max(settle + proof, minimumMs / 60_000, shortest);
    elapsed += minutes;
    spans.push({ traffic, settled: minutes - settle });
    return { requests: Math.ceil(requests), minutes, endsAfter: elapsed, reachable: elapsed * 60_000 <= policy.deadlineMs ? 'Yes' : 'No', slowest: slowest?.name };
  });
}

function lackingRequests(metric: MetricPolicy, { policy, step, traffic, before }: { readonly policy: GatePolicy; readonly step: number; readonly traffic: Traffic | undefined; readonly before: readonly Span[] }): number {
  const gathered = before.reduce((sum, span) => sum + (span.traffic === undefined || !Number.isFinite(span.settled) ? 0 : growthPerRequest(metric, step, span.traffic) * span.traffic.canaryPerMinute * span.settled), 0);
  const lacking = neededNats(metric, policy) - gathered;
  if (lacking < negligibleNats) return 0;
  return traffic === undefined ? Infinity : lacking / growthPerRequest(metric, step, traffic);
}

/** Whether a deadline test is worth its half of the risk: when the traffic until the deadline is not far beyond what the bets need. */
export function deadlineTestFor(policy: Omit<GatePolicy, 'deadlineTest'>, traffic: Traffic): GatePolicy['deadlineTest'] {
  const expected = (traffic.canaryPerMinute * policy.deadlineMs) / 60_000;
  const rates = policy.metrics.filter(({ kind }) => kind === 'Rate');
  return forecast({ ...policy, metrics: rates, deadlineTest: 'Off' }, traffic).some(({ requests }) => expected < 3 * requests) ? 'On' : 'Off';
}
