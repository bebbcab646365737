import type { Sample } from '@sluice/crds';

export type { Sample } from '@sluice/crds';

/** How a Sample writes the edge "infinity", which JSON cannot. */
export const infinityEdge = -1;

/** The most buckets that a Sample may have (the schema's bound). */
export const bucketLimit = 40;

export const emptySample: Sample = Object.freeze({ requests: 0, bad: 0, latencyBuckets: [] });

/**
 * Sum of two samples. Of two different bucket layouts only the shared edges remain: a cumulative count is known only there,
 * and infinity is always shared.
 */
export function addSamples(left: Sample, right: Sample): Sample {
  const counted = left.providerFailures !== undefined || right.providerFailures !== undefined;
  return {
    requests: left.requests + right.requests,
    bad: left.bad + right.bad,
    ...(counted ? { providerFailures: (left.providerFailures ?? 0) + (right.providerFailures ?? 0) } : {}),
    latencyBuckets: addBuckets(left.latencyBuckets, right.latencyBuckets),
  };
}

type Buckets = Sample['latencyBuckets'];

/** Sum of two cumulative histograms at the edges that both have; an empty one adds nothing. */
export function addBuckets(left: Buckets, right: Buckets): Buckets {
  if (left.length === 0) return right;
  if (right.length === 0) return left;
  const counts = new Map(right.map((bucket) => [bucket.le, bucket.count]));
  return left.flatMap(({ le, count }) => {
    const other = counts.get(le);
    return other === undefined ? [] : [{ le, count: count + other }];
  });
}
