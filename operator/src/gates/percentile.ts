import type { Sample } from '@sluice/crds';
import { infinityEdge } from '../evidence/sample.ts';

export interface Bucket {
  /** Upper edge in seconds; the last is infinity. */
  readonly edge: number;
  /** Requests at or below the edge. */
  readonly count: number;
}

/** A latency histogram that can be judged. */
export interface Histogram {
  readonly buckets: readonly Bucket[];
  readonly requests: number;
  /** The largest edge below infinity, in seconds. */
  readonly largestFinite: number;
}

/** The histogram of a sample; undefined when its buckets are missing or contradict each other. */
export function histogramOf(sample: Sample): Histogram | undefined {
  const buckets = sample.latencyBuckets
    .map(({ le, count }) => ({ edge: le === infinityEdge ? Infinity : le, count }))
    .toSorted((left, right) => left.edge - right.edge);
  const last = buckets.at(-1);
  const finite = buckets.at(-2);
  if (last?.edge !== Infinity || finite === undefined) return undefined;
  const cumulative = buckets.every((bucket, index) => bucket.edge > 0 && bucket.count >= (buckets[index - 1]?.count ?? 0));
  return cumulative ? { buckets, requests: last.count, largestFinite: finite.edge } : undefined;
}

/**
 * The smallest bucket edge that at least `percentile` percent of the requests keep: an upper bound of the percentile, infinity when
 * only the last bucket reaches it. There is no interpolation in the bucket: it would invent a precision that was not measured, and
 * an edge errs to the side of "slower".
 */
export function percentileEdge({ buckets, requests }: Histogram, percentile: number): number {
  const needed = (percentile / 100) * requests - 1e-9;
  return buckets.find((bucket) => bucket.count >= needed)?.edge ?? Infinity;
}
