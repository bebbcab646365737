import { bernoulliCS, memoryRequests } from '../statistics/index.ts';
import { growthPerRequest } from './growth.ts';
import { metricEngine } from './metric-engine.ts';
import type { BoundMetric, GatePolicy, MetricPolicy, RateMetric } from './policy.ts';
import { riskOf } from './risk.ts';
import type { GateState, MetricState, WeightTotals } from './state.ts';

type Counts = WeightTotals['counts'];

export interface Counted {
  /** Bad requests; of a cost, what all requests cost in units of the cap. */
  readonly bad: number;
  readonly requests: number;
}

/** The numbers of one metric at one moment. Rates are shares of the requests. */
export interface MetricReport {
  readonly name: string;
  readonly role: MetricPolicy['role'];
  readonly kind: MetricPolicy['kind'];
  /** Settled counts. */
  readonly canary: Counted;
  readonly stable: Counted;
  /** What bet on harm, also counts that have not settled or wait for the rest of their time; undefined where that is the same. */
  readonly early?: { readonly canary: Counted; readonly stable: Counted };
  /** Range of the canary's rate that holds at all looks together, error alphaRollback. */
  readonly canaryRate?: { readonly lower: number; readonly upper: number };
  /** Dollars that a unit of cost stands for; undefined where that is not known, and for what is no cost. */
  readonly cap?: number;
  /** Increase of a cost up to which it is not taken for harm, as a share of the mean; undefined where any is, and for what is no cost. */
  readonly leftAlone?: number;
  /** Set where the latest scrapes lack it: that nothing was counted says nothing of the requests then. */
  readonly lacking?: 'Yes';
  /** Of the current step; a bound for a fixed bound. */
  readonly margin: number;
  readonly proven: 'Yes' | 'No';
  /** Evidence (not its logarithm, at most 1e300) and what it must reach. */
  readonly proof: number;
  readonly proofNeeded: number;
  readonly harm: number;
  /** At which its evidence of harm decides by itself, without that of the others. */
  readonly harmNeeded: number;
  /** Number of the step, from 1, where another one with a margin of its own follows: what is still needed is needed for this one. */
  readonly forStep?: number;
  /** Canary requests that a good revision typically still needs; undefined where that is not known. */
  readonly requestsLeft?: number;
  /** Minutes that they take at the rate of this release so far; undefined where that is not known. */
  readonly minutesLeft?: number;
}

export function reportMetrics(state: GateState, policy: GatePolicy, { step, harm }: { readonly step: number; readonly harm: readonly number[] }): readonly MetricReport[] {
  const known = policy.metrics.filter((metric) => state.metrics[metric.name] !== undefined);
  return known.flatMap((metric, index) => {
    const metricState = state.metrics[metric.name];
    return metricState === undefined ? [] : [reportMetric(metric, metricState, { policy, state, step, harm: harm[index] ?? -Infinity })];
  });
}

function reportMetric(metric: MetricPolicy, known: MetricState, { policy, state, step, harm }: { readonly policy: GatePolicy; readonly state: GateState; readonly step: number; readonly harm: number }): MetricReport {
  const matches = known.books.proof.capital.length === 0 || known.latched.length === policy.steps.length;
  const logProof = matches ? metricEngine(metric, policy.steps.length).logProof(known.books, step) : -Infinity;
  const needed = 1 / riskOf(policy, state).anytime.promote;
  const [xc, nc, xs, ns] = totalOf(known.totals.map(({ counts }) => counts));
  const proven = known.latched[step] === true ? 'Yes' : 'No';
  const seen = matches ? metricEngine(metric, policy.steps.length).withoutPast(known.books) : undefined;
  const left = proven === 'Yes' ? 0 : requestsLeft(metric, { xs, ns, nc, step, seen, missing: Math.log(needed) - logProof });
  return {
    name: metric.name,
    role: metric.role,
    kind: metric.kind,
    canary: { bad: xc, requests: nc },
    stable: { bad: xs, requests: ns },
    ...(metric.kind === 'Cost' ? {} : { canaryRate: bernoulliCS({ x: xc, n: nc, alpha: policy.alphaRollback }) }),
    ...(metric.kind === 'Cost' && metric.cap !== undefined ? { cap: metric.cap } : {}),
    ...(metric.kind === 'Cost' && metric.edges !== undefined ? { leftAlone: (metric.margins.at(-1) ?? 0) / 2 } : {}),
    ...(known.missing > 0 ? { lacking: 'Yes' as const } : {}),
    ...(known.unsettled === undefined && known.awaiting === undefined ? {} : { early: earlyCounts([...known.totals, ...(known.awaiting ?? [])].map(({ counts }) => counts), known.unsettled) }),
    margin: metric.kind === 'Bound' ? metric.bound : (metric.margins[step] ?? metric.margins.at(-1) ?? 0),
    proven,
    proof: bounded(logProof),
    proofNeeded: needed,
    harm: bounded(harm),
    harmNeeded: policy.metrics.reduce((sum, { weight }) => sum + weight, 0) / metric.weight / riskOf(policy, state).anytime.rollback,
    ...(step < policy.steps.length - 1 ? { forStep: step + 1 } : {}),
    ...(left === undefined ? {} : { requestsLeft: left, ...minutesLeft(left, nc, state) }),
  };
}

function earlyCounts(settled: readonly Counts[], unsettled: Counts = [0, 0, 0, 0]): NonNullable<MetricReport['early']> {
  const [xc, nc, xs, ns] = totalOf([...settled, unsettled]);
  return { canary: { bad: xc, requests: nc }, stable: { bad: xs, requests: ns } };
}

function totalOf(all: readonly Counts[]): Counts {
  return all.reduce(([a, b, c, d], [e, f, g, h]) => [a + e, b + f, c + g, d + h], [0, 0, 0, 0]);
}

/** The evidence itself, which binary fractions hold up to 1e300 or so. */
export function bounded(log: number): number {
  return Math.exp(Math.min(690, log));
}

function minutesLeft(requests: number, counted: number, { startedAt, lastScrapeAt = startedAt }: GateState): Pick<MetricReport, 'minutesLeft'> {
  const minutes = (lastScrapeAt - startedAt) / 60_000;
  return counted > 0 && minutes > 0 ? { minutesLeft: (requests * minutes) / counted } : {};
}

interface Left {
  readonly xs: number;
  readonly ns: number;
  readonly nc: number;
  readonly step: number;
  /** All that tells of stable, where its past does not. */
  readonly seen: RateMetric['history'] | undefined;
  /** Nats. */
  readonly missing: number;
}

/** Of a canary that is as stable was in this release or, before anything was counted, as it was before. */
function requestsLeft(metric: MetricPolicy, { xs, ns, nc, step, seen, missing }: Left): number | undefined {
  if (metric.kind === 'Rate' && metric.direction === 'BothWays') return undefined;
  const expected = metric.kind === 'Cost' ? metric : { ...metric, history: seen ?? withHistory(metric, xs, ns) };
  const growth = growthPerRequest(expected, step, nc === 0 || ns === 0 ? { canaryPerMinute: 1, stablePerMinute: 1 } : { canaryPerMinute: nc, stablePerMinute: ns });
  return growth > 0 ? Math.ceil(missing / growth) : undefined;
}

/** What few requests say is filled up with what was known before. */
function withHistory({ history = { bad: 0, requests: 0 } }: RateMetric | BoundMetric, bad: number, requests: number): RateMetric['history'] {
  if (requests >= memoryRequests || history.requests === 0) return { bad, requests };
  const share = Math.min(1, (memoryRequests - requests) / history.requests);
  return { bad: bad + history.bad * share, requests: requests + history.requests * share };
}
