import type { Objective } from '@sluice/crds';
import { absoluteLimit, failureRisk, significantlyAbove, type AbsoluteLimit, type BoundVerdict } from './bound-check.ts';
import { percentileEdge, percentileUpperEdge, surelySlower, type Histogram } from './percentile.ts';
import { decimal, edgeText, moreNeeded, requestCount } from './wording.ts';

export interface Latencies {
  readonly canary: Histogram;
  /** Undefined when the stable revision has no usable histogram. */
  readonly stable: Histogram | undefined;
  readonly minRequests: number;
}

type Latency = NonNullable<Objective['latency']>;

/** One verdict for each bound that is set. */
export function judgeLatency(bounds: Latency, latencies: Latencies): BoundVerdict[] {
  const { percentile, maxMilliseconds, maxIncreasePercent } = bounds;
  return [
    ...(maxMilliseconds === undefined ? [] : [judgeMaximum(maxMilliseconds, percentile, latencies)]),
    ...(maxIncreasePercent === undefined ? [] : [judgeIncrease(maxIncreasePercent, percentile, latencies)]),
  ];
}

function judgeMaximum(maxMilliseconds: number, percentile: number, { canary, stable }: Latencies): BoundVerdict {
  const limit = maxMilliseconds / 1000;
  const slowStable = stable === undefined ? { bad: 0, requests: 0 } : { bad: surelySlower(stable, limit), requests: stable.requests };
  return judgeEdge({
    canary,
    percentile,
    limit,
    surelyAllowed: limit,
    share: absoluteLimit(slowStable, slowShare(percentile)),
    limitText: `the limit of ${maxMilliseconds} ms`,
    stable: stable === undefined || stable.requests === 0 ? '' : `; the stable revision has ${measured(stable, percentile)}`,
  });
}

/** Compared at the resolution of the buckets: a revision in the same bucket as the stable one is not slower as far as can be seen. */
function judgeIncrease(maxIncreasePercent: number, percentile: number, { canary, stable, minRequests }: Latencies): BoundVerdict {
  const name = `p${decimal(percentile, 1)} latency`;
  const has = `the new revision has ${measured(canary, percentile)}`;
  if (stable === undefined || stable.requests < minRequests) {
    const requests = stable?.requests ?? 0;
    return { verdict: 'NotMeasured', sentence: `${name} cannot be compared yet: the stable revision has ${requestCount(requests)} in the same time, ${moreNeeded(minRequests - requests)}; ${has}` };
  }
  const factor = 1 + maxIncreasePercent / 100;
  const reference = percentileEdge(stable, percentile);
  if (reference === Infinity) {
    return { verdict: 'NotMeasured', sentence: `${name} cannot be compared: the stable revision has ${measured(stable, percentile)}, beyond the last bucket; ${has}` };
  }
  return judgeEdge({
    canary,
    percentile,
    limit: reference * factor,
    // The stable percentile is an estimate: for a failure it is taken as slow as it may plausibly be.
    surelyAllowed: percentileUpperEdge(stable, percentile, failureRisk / 2) * factor,
    share: { surelyAllowed: slowShare(percentile), risk: failureRisk / 2, setBy: 'Bound' },
    limitText: `the stable revision's plus ${decimal(maxIncreasePercent, 2)} %`,
    stable: `; the stable revision has ${measured(stable, percentile)}`,
  });
}

/** Share of the requests, 0 to 1, that lies above a percentile. */
function slowShare(percentile: number): number {
  return (100 - percentile) / 100;
}

interface EdgeQuestion {
  readonly canary: Histogram;
  readonly percentile: number;
  /** Seconds that the percentile must keep to pass. */
  readonly limit: number;
  /** Seconds that it must surely be above for a failure; at least `limit`, perhaps infinity. */
  readonly surelyAllowed: number;
  /** The share of requests that may take longer. */
  readonly share: AbsoluteLimit;
  readonly limitText: string;
  readonly stable: string;
}

function judgeEdge({ canary, percentile, limit, surelyAllowed, share, limitText, stable }: EdgeQuestion): BoundVerdict {
  const has = `p${decimal(percentile, 1)} latency ${measured(canary, percentile)}`;
  if (percentileEdge(canary, percentile) <= limit * (1 + 1e-9)) return { verdict: 'Pass', sentence: `${has} keeps ${limitText}${stable}` };
  const slow = { bad: surelySlower(canary, surelyAllowed), requests: canary.requests };
  if (significantlyAbove(slow, share.surelyAllowed, share.risk) === 'above') return { verdict: 'Fail', sentence: `${has} is above ${limitText}${stable}` };
  return { verdict: 'NotMeasured', sentence: `${has} is above ${limitText}, but ${openReason(canary, percentile, { limit, surelyAllowed, share })}: not decided yet${stable}` };
}

function openReason(canary: Histogram, percentile: number, { limit, surelyAllowed, share }: Pick<EdgeQuestion, 'limit' | 'surelyAllowed' | 'share'>): string {
  if (surelyAllowed === Infinity) return 'the stable revision has too few requests to be sure of its own';
  if (share.setBy === 'Stable') return 'the stable revision is above it as well';
  const slower = surelySlower(canary, limit);
  const edge = percentileEdge(canary, percentile);
  const below = canary.buckets.findLast((bucket) => bucket.edge <= limit)?.edge;
  // The limit lies within the bucket that holds the percentile: more requests would not tell.
  if (canary.requests - slower >= (percentile / 100) * canary.requests && edge !== Infinity) {
    const range = `${below === undefined ? '0' : decimal(below * 1000, 1)} and ${decimal(edge * 1000, 1)} ms`;
    return `the histogram only says that it lies between ${range}, the nearest limits that can be measured`;
  }
  return `only ${requestCount(slower)} of ${canary.requests} surely took longer, which may be chance`;
}

function measured(histogram: Histogram, percentile: number): string {
  if (histogram.requests === 0) return 'no requests';
  return `${edgeText(percentileEdge(histogram, percentile), histogram.largestFinite)} (${requestCount(histogram.requests)})`;
}
