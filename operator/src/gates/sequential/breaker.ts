import { expectedRate, oneSampleLogE } from '../statistics/index.ts';
import type { GatePolicy, RateMetric } from './policy.ts';

type Counted = RateMetric['history'];

/** Whether the stable revision itself is in trouble that both revisions share. */
export interface Breaker {
  /** [bad, requests] of stable in its last blocks; empty again when the breaker closes. */
  readonly recent: readonly (readonly [number, number])[];
  readonly state: 'Closed' | 'Open';
  /** Normal blocks in a row since it opened. */
  readonly normal: number;
  /** When it opened, milliseconds since the epoch, and what stable has done since. */
  readonly opened?: Counted & { readonly at: number };
  /** What stable did while it was open for so long that this is taken for its normal rate, in place of its past. */
  readonly reference?: Counted;
}

export const closedBreaker: Breaker = { recent: [], state: 'Closed', normal: 0 };

const rememberedBlocks = 5;
const normalBlocks = 3;
const opensAt = Math.log(1000);

/** Below this bad rate of stable's past the past is taken to be this, so that three bad requests of a spotless agent are no outage. */
const leastReference = 0.005;

/** Milliseconds for which stable must have been so bad before that is taken for its normal rate. */
export const newNormalMs = 4 * 3_600_000;

/** Bad rate above which nothing is ever normal: where most requests fail no revision shows what it is. */
const worstNormal = 0.5;

/** The metric whose stable rate the breaker watches: the first gate that compares rates and knows stable's past, or where there is none the first such guard. */
export function breakerMetric({ metrics }: GatePolicy): RateMetric | undefined {
  const known = metrics.filter((metric): metric is RateMetric => metric.kind === 'Rate' && metric.history.requests > 0);
  return known.find(({ role }) => role === 'gate') ?? known.find(({ direction }) => direction === 'Increase');
}

/**
 * The breaker after one more block of stable, which ended `at`. It opens on a bad rate beyond twice stable's own past. What it does is known before the next block,
 * so that neither opening nor closing it chooses evidence by what the evidence says.
 */
export function advanceBreaker(breaker: Breaker, { bad, requests, at }: Counted & { readonly at: number }, history: Counted): Breaker {
  const { reference = history } = breaker;
  const bound = Math.min(0.9, 2 * Math.max(leastReference, expectedRate(reference)));
  const evidence = (x: number, n: number) => oneSampleLogE({ x, n, b0: bound, side: 'harm' }).logE;
  const kept = breaker.reference === undefined ? {} : { reference: breaker.reference };
  const recent = [...breaker.recent, [bad, requests] as const].slice(-rememberedBlocks);
  if (breaker.state === 'Closed') {
    const [x, n] = recent.reduce(([xs, ns], [each, all]) => [xs + each, ns + all], [0, 0]);
    const opens = evidence(x, n) >= opensAt;
    return { recent, state: opens ? 'Open' : 'Closed', normal: 0, ...kept, ...(opens ? { opened: { at, bad, requests } } : {}) };
  }
  const normal = requests === 0 ? breaker.normal : evidence(bad, requests) <= 0 ? breaker.normal + 1 : 0;
  if (normal >= normalBlocks) return { ...closedBreaker, ...kept };
  // A state of before this was kept counts from now.
  const opened = breaker.opened === undefined ? { at, bad, requests } : { at: breaker.opened.at, bad: breaker.opened.bad + bad, requests: breaker.opened.requests + requests };
  if (at - opened.at >= newNormalMs && opened.bad < worstNormal * opened.requests) return { ...closedBreaker, reference: { bad: opened.bad, requests: opened.requests } };
  return { recent, state: 'Open', normal, ...kept, opened };
}
