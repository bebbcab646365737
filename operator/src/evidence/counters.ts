import { outcomes, type Bucket, type PodCounters } from './pod-counters.ts';
import { bucketLimit, infinityEdge, type Sample } from './sample.ts';

/**
 * What a pod that was never seen before brings: `from-zero` when all its requests fall into the window, else `baseline`,
 * when what it counted before may belong to another window or be in the totals already.
 */
export type FirstSight = 'from-zero' | 'baseline';

/**
 * What happened between two scrapes of one pod. A counter below its earlier value, or another process start, means the process
 * began again at 0: the increment is then the whole value. Increments are never negative.
 */
export function increment(previous: PodCounters | undefined, current: PodCounters, firstSight: FirstSight): Sample {
  if (previous === undefined) return firstSight === 'from-zero' ? asSample(current) : asSample(difference(current, current));
  return asSample(restarted(previous, current) ? current : difference(current, previous));
}

function restarted(previous: PodCounters, current: PodCounters): boolean {
  const starts = [previous.processStart, current.processStart];
  if (!starts.includes(undefined) && previous.processStart !== current.processStart) return true;
  if (outcomes.some((outcome) => current.outcomes[outcome] < previous.outcomes[outcome])) return true;
  if ((current.providerFailures ?? 0) < (previous.providerFailures ?? 0)) return true;
  const counts = countsByEdge(current);
  return previous.buckets.some((bucket) => (counts.get(bucket.le) ?? 0) < bucket.count);
}

function difference(current: PodCounters, previous: PodCounters): PodCounters {
  const before = countsByEdge(previous);
  const since = { ...current.outcomes };
  for (const outcome of outcomes) since[outcome] -= previous.outcomes[outcome];
  return {
    processStart: current.processStart,
    outcomes: since,
    providerFailures: current.providerFailures === undefined ? undefined : current.providerFailures - (previous.providerFailures ?? 0),
    buckets: current.buckets.map((bucket) => ({ le: bucket.le, count: bucket.count - (before.get(bucket.le) ?? 0) })),
  };
}

function countsByEdge(counters: PodCounters): Map<number, number> {
  return new Map(counters.buckets.map((bucket) => [bucket.le, bucket.count]));
}

/** The requests are those with an answer of ours, which a rate is about; the buckets hold cancelled requests too, which only their time can accuse. */
function asSample({ outcomes: counts, buckets, providerFailures }: PodCounters): Sample {
  const bad = counts.degraded + counts.error + counts.timeout + counts.overloaded;
  const latencyBuckets = thinned(buckets).map(({ le, count }) => ({ le: le === Infinity ? infinityEdge : le, count }));
  return { requests: counts.success + bad, bad, ...(providerFailures === undefined ? {} : { providerFailures: Math.min(providerFailures, bad) }), latencyBuckets };
}

/** Buckets are cumulative, so leaving edges out loses resolution but keeps every count true. The last edge, infinity, stays. */
function thinned(buckets: readonly Bucket[]): readonly Bucket[] {
  const stride = Math.ceil(buckets.length / bucketLimit);
  return stride <= 1 ? buckets : buckets.filter((_, index) => (buckets.length - 1 - index) % stride === 0);
}
