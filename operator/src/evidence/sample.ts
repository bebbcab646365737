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
    ...(left.counts === undefined && right.counts === undefined ? {} : { counts: addCounts(left.counts ?? [], right.counts ?? []) }),
    ...(left.costBuckets === undefined && right.costBuckets === undefined ? {} : { costBuckets: addBuckets(left.costBuckets ?? [], right.costBuckets ?? []), ...addDollars(left, right) }),
  };
}

/** Of a part that is not known the whole is not. What has counted no request has cost nothing. */
function addDollars(left: Sample, right: Sample): Pick<Sample, 'costDollars'> {
  const parts = [left, right].filter(({ costBuckets = [] }) => (costBuckets.at(-1)?.count ?? 0) > 0).map(({ costDollars }) => costDollars);
  const known = parts.filter((dollars) => dollars !== undefined);
  return parts.length === 0 || known.length < parts.length ? {} : { costDollars: known.reduce((sum, dollars) => sum + dollars, 0) };
}

type Counts = NonNullable<Sample['counts']>;

/** Sum by objective, in the order of their names. */
function addCounts(left: Counts, right: Counts): Counts {
  const sums = new Map(left.map((count) => [count.name, count]));
  for (const { name, bad, total } of right) {
    const before = sums.get(name);
    sums.set(name, { name, bad: bad + (before?.bad ?? 0), total: total + (before?.total ?? 0) });
  }
  return [...sums.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
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

/** At most {@link bucketLimit} buckets. They are cumulative, so leaving edges out loses resolution but keeps every count true. The last edge, infinity, stays. */
export function thinBuckets<Bucket>(buckets: readonly Bucket[]): readonly Bucket[] {
  const stride = Math.ceil(buckets.length / bucketLimit);
  return stride <= 1 ? buckets : buckets.filter((_, index) => (buckets.length - 1 - index) % stride === 0);
}
