import { parseExposition, parseValue, type Exposition } from './exposition.ts';

export const requestsMetric = 'sluice_requests_total';
export const durationMetric = 'sluice_request_duration_seconds';
const durationBucketMetric = `${durationMetric}_bucket`;
const processStartMetric = 'process_start_time_seconds';
const wantedNames: ReadonlySet<string> = new Set([requestsMetric, durationBucketMetric, processStartMetric]);

/**
 * What the runtime counts a request as. The first five are answers we owe for; a rejected or cancelled request is the caller's doing.
 * Yet callers cancel what hangs, so the histogram holds cancelled requests too, with the time that their callers waited.
 */
export const outcomes = ['success', 'degraded', 'error', 'timeout', 'overloaded', 'rejected', 'cancelled'] as const;
export type Outcome = (typeof outcomes)[number];

/** Upper edge in seconds (infinity for the last) and the count of requests at or below it. */
export interface Bucket {
  readonly le: number;
  readonly count: number;
}

/** The cumulative counters of one process as one scrape saw them. */
export interface PodCounters {
  /** Seconds since the epoch; undefined when the page does not say. Another value is another process. */
  readonly processStart: number | undefined;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Of all requests but rejected ones. Sorted by edge; empty before the first request, else it ends at infinity. */
  readonly buckets: readonly Bucket[];
}

/** A page that cannot be trusted. Reading half of it would look like a counter reset and count requests twice. */
export class UntrustedPageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UntrustedPageError';
  }
}

/** The runtime's counters from its metrics page. Throws {@link UntrustedPageError} when any of them is missing, damaged or no count. */
export function readPodCounters(page: string): PodCounters {
  const exposition = parseExposition(page, wantedNames);
  if (exposition.malformed > 0) throw new UntrustedPageError(`${exposition.malformed} lines of the metrics page cannot be read`);
  const known = exposition.families.has(requestsMetric) || exposition.samples.some((sample) => sample.name === requestsMetric);
  if (!known) throw new UntrustedPageError(`the metrics page has no ${requestsMetric}`);
  return { processStart: processStart(exposition), outcomes: outcomeCounts(exposition), buckets: buckets(exposition) };
}

function processStart(exposition: Exposition): number | undefined {
  const value = exposition.samples.find((sample) => sample.name === processStartMetric)?.value;
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

function outcomeCounts(exposition: Exposition): Record<Outcome, number> {
  const counts: Record<Outcome, number> = { success: 0, degraded: 0, error: 0, timeout: 0, overloaded: 0, rejected: 0, cancelled: 0 };
  for (const sample of exposition.samples) {
    if (sample.name !== requestsMetric) continue;
    const label = sample.labels.get('outcome');
    const outcome = outcomes.find((candidate) => candidate === label);
    if (outcome !== undefined) counts[outcome] += asCount(sample.value, `${requestsMetric}{outcome="${outcome}"}`);
  }
  return counts;
}

function buckets(exposition: Exposition): Bucket[] {
  const counts = new Map<number, number>();
  for (const sample of exposition.samples) {
    if (sample.name !== durationBucketMetric) continue;
    const le = parseValue(sample.labels.get('le') ?? '');
    if (le === undefined || Number.isNaN(le)) throw new UntrustedPageError(`${durationBucketMetric} has a bucket without a readable edge`);
    counts.set(le, (counts.get(le) ?? 0) + asCount(sample.value, durationBucketMetric));
  }
  const sorted = [...counts].map(([le, count]) => ({ le, count })).toSorted((left, right) => left.le - right.le);
  const last = sorted.at(-1);
  if (last !== undefined && last.le !== Infinity) throw new UntrustedPageError(`${durationBucketMetric} lacks its bucket le="+Inf"`);
  if (sorted.some((bucket, index) => bucket.count < (sorted[index - 1]?.count ?? 0))) {
    throw new UntrustedPageError(`${durationBucketMetric} is not cumulative`);
  }
  return sorted;
}

function asCount(value: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new UntrustedPageError(`${what} is ${value}, which is no count`);
  return value;
}
