import { expectedRate, oneSampleLogE } from '../statistics/index.ts';
import type { GatePolicy, RateMetric } from './policy.ts';

/** Whether the stable revision itself is in trouble that both revisions share. */
export interface Breaker {
  /** [bad, requests] of stable in its last blocks; empty again when the breaker closes. */
  readonly recent: readonly (readonly [number, number])[];
  readonly state: 'Closed' | 'Open';
  /** Normal blocks in a row since it opened. */
  readonly normal: number;
}

export const closedBreaker: Breaker = { recent: [], state: 'Closed', normal: 0 };

const rememberedBlocks = 5;
const normalBlocks = 3;
const opensAt = Math.log(1000);

/** Below this bad rate of stable's past the past is taken to be this, so that three bad requests of a spotless agent are no outage. */
const leastReference = 0.005;

/** The metric whose stable rate the breaker watches: the first gate that compares rates and knows stable's past, or where there is none the first such guard. */
export function breakerMetric({ metrics }: GatePolicy): RateMetric | undefined {
  const known = metrics.filter((metric): metric is RateMetric => metric.kind === 'Rate' && metric.history.requests > 0);
  return known.find(({ role }) => role === 'gate') ?? known.find(({ direction }) => direction === 'Increase');
}

/** The breaker after `bad` of `requests` of stable in one more block. It opens on a bad rate beyond twice stable's own past. */
export function advanceBreaker(breaker: Breaker, bad: number, requests: number, history: RateMetric['history']): Breaker {
  const bound = Math.min(0.9, 2 * Math.max(leastReference, expectedRate(history)));
  const evidence = (x: number, n: number) => oneSampleLogE({ x, n, b0: bound, side: 'harm' }).logE;
  const recent = [...breaker.recent, [bad, requests] as const].slice(-rememberedBlocks);
  if (breaker.state === 'Closed') {
    const [x, n] = recent.reduce(([xs, ns], [each, all]) => [xs + each, ns + all], [0, 0]);
    return { recent, state: evidence(x, n) >= opensAt ? 'Open' : 'Closed', normal: 0 };
  }
  const normal = requests === 0 ? breaker.normal : evidence(bad, requests) <= 0 ? breaker.normal + 1 : 0;
  return normal >= normalBlocks ? closedBreaker : { recent, state: 'Open', normal };
}
