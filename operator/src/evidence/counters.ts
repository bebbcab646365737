import { outcomes, type Bucket, type PodCounters } from './pod-counters.ts';
import { infinityEdge, type Sample } from './sample.ts';

/**
 * What a pod that was never seen before brings: `from-zero` when all its requests fall into the window, else `baseline`,
 * when what it counted before may belong to another window or be in the totals already.
 */
export type FirstSight = 'from-zero' | 'baseline';

/** The counters of one process without those of the objectives, which have a memory of their own. */
export type RequestCounters = Omit<PodCounters, 'events' | 'lacking' | 'failedTools'>;

/**
 * What happened between two scrapes of one pod. A counter below its earlier value, or another process start, means the process
 * began again at 0: the increment is then the whole value. Increments are never negative.
 */
export function increment(previous: RequestCounters | undefined, current: RequestCounters, firstSight: FirstSight): Sample {
  if (previous === undefined) return firstSight === 'from-zero' ? asSample(current) : asSample(difference(current, current));
  return asSample(restarted(previous, current) ? current : difference(current, previous));
}

/** Whether another process counts now. One that says it is the same has not begun again, whatever it counts. */
export function restarted(previous: RequestCounters, current: RequestCounters): boolean {
  if (previous.processStart !== undefined && current.processStart !== undefined) return previous.processStart !== current.processStart;
  return haveAnyFallen(previous, current);
}

/**
 * Whether these are the same process's counters of before the previous ones: behind one address there may be several servers that scrape the pod in turn, each
 * at its own times. Taken for a new process all that it ever counted would count once more.
 */
export function isOlder(previous: RequestCounters, current: RequestCounters): boolean {
  return !restarted(previous, current) && haveAnyFallen(previous, withKnownEdges(current, previous));
}

/** Edges that are not told any more have not fallen: whoever scrapes may drop some. */
function withKnownEdges(current: RequestCounters, previous: RequestCounters): RequestCounters {
  const kept = (of: readonly Bucket[], now: readonly Bucket[]) => [...now, ...of.filter(({ le }) => !now.some((each) => each.le === le))];
  return { ...current, buckets: current.buckets.length === 0 ? [] : kept(previous.buckets, current.buckets), ...(current.costBuckets === undefined || current.costBuckets.length === 0 ? {} : { costBuckets: kept(previous.costBuckets ?? [], current.costBuckets) }) };
}

function haveAnyFallen(previous: RequestCounters, current: RequestCounters): boolean {
  if (outcomes.some((outcome) => current.outcomes[outcome] < previous.outcomes[outcome])) return true;
  if ((current.providerFailures ?? 0) < (previous.providerFailures ?? 0)) return true;
  return haveFallen(previous.buckets, current.buckets) || haveFallen(previous.costBuckets ?? [], current.costBuckets ?? []);
}

/** A histogram that is absent for once has not fallen. */
function haveFallen(previous: readonly Bucket[], current: readonly Bucket[]): boolean {
  if (current.length === 0) return false;
  const counts = countsByEdge(current);
  return previous.some((bucket) => (counts.get(bucket.le) ?? 0) < bucket.count);
}

function difference(current: RequestCounters, previous: RequestCounters): RequestCounters {
  const since = { ...current.outcomes };
  for (const outcome of outcomes) since[outcome] -= previous.outcomes[outcome];
  return {
    processStart: current.processStart,
    outcomes: since,
    providerFailures: current.providerFailures === undefined ? undefined : current.providerFailures - (previous.providerFailures ?? 0),
    buckets: bucketsSince(current.buckets, previous.buckets),
    costBuckets: current.costBuckets === undefined ? undefined : bucketsSince(current.costBuckets, previous.costBuckets ?? []),
    costDollars: dollarsSince(current, previous),
  };
}

/** Undefined where one of both readings has no sum: of the requests since then only the buckets are known. */
function dollarsSince(current: RequestCounters, previous: RequestCounters): number | undefined {
  const before = previous.costDollars ?? (previous.costBuckets === undefined ? 0 : undefined);
  return current.costDollars === undefined || before === undefined ? undefined : Math.max(0, current.costDollars - before);
}

/** At the edges that both have, unless nothing was counted before. */
function bucketsSince(current: readonly Bucket[], previous: readonly Bucket[]): Bucket[] {
  const before = countsByEdge(previous);
  const known = previous.length === 0 ? current : current.filter(({ le }) => before.has(le));
  return known.map(({ le, count }) => ({ le, count: count - (before.get(le) ?? 0) }));
}

function countsByEdge(buckets: readonly Bucket[]): Map<number, number> {
  return new Map(buckets.map((bucket) => [bucket.le, bucket.count]));
}

/** The requests are those with an answer of ours, which a rate is about; the buckets hold cancelled requests too, which only their time can accuse. */
function asSample({ outcomes: counts, buckets, providerFailures, costBuckets, costDollars }: RequestCounters): Sample {
  const bad = counts.degraded + counts.error + counts.timeout + counts.overloaded;
  return {
    requests: counts.success + bad,
    bad,
    ...(providerFailures === undefined ? {} : { providerFailures: Math.min(providerFailures, bad) }),
    latencyBuckets: buckets.map(writable),
    ...(costBuckets === undefined ? {} : { costBuckets: costBuckets.map(writable), ...(costDollars === undefined ? {} : { costDollars }) }),
  };
}

function writable({ le, count }: Bucket): Bucket {
  return { le: le === Infinity ? infinityEdge : le, count };
}
