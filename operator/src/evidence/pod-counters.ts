import { parseExposition, parseValue, type Exposition } from './exposition.ts';
import { addBuckets } from './sample.ts';

export const requestsMetric = 'sluice_requests_total';
export const durationMetric = 'sluice_request_duration_seconds';
/** Requests that ended badly because the model provider could not be reached or refused to serve. */
export const providerUnavailableMetric = 'sluice_requests_provider_unavailable_total';
/** 1 while a pod makes no calls of the model provider because they failed, else 0. */
export const circuitMetric = 'sluice_provider_circuit_open';
/** Copies of requests have families of their own, so that the others are about users alone. A revision is judged by both. */
const requestsMetrics = [requestsMetric, 'sluice_mirrored_requests_total'] as const;
const bucketMetrics = [`${durationMetric}_bucket`, 'sluice_mirrored_request_duration_seconds_bucket'] as const;
const providerMetrics = [providerUnavailableMetric, 'sluice_mirrored_requests_provider_unavailable_total'] as const;
const processStartMetric = 'process_start_time_seconds';
const wantedNames: ReadonlySet<string> = new Set([...requestsMetrics, ...bucketMetrics, ...providerMetrics, circuitMetric, processStartMetric]);

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
  /** Bad requests that were the provider's fault; undefined when the runtime does not count them. */
  readonly providerFailures?: number | undefined;
  /** Whether the pod has given up calling the provider for now. Default `Closed`. */
  readonly circuit?: 'Open' | 'Closed';
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
  return {
    processStart: processStart(exposition),
    outcomes: outcomeCounts(exposition),
    buckets: bucketMetrics.map((name) => buckets(exposition, name)).reduce(addBuckets),
    providerFailures: providerFailures(exposition),
    circuit: exposition.samples.some(({ name, value }) => name === circuitMetric && value > 0) ? 'Open' : 'Closed',
  };
}

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

function providerFailures(exposition: Exposition): number | undefined {
  const samples = exposition.samples.filter((sample) => isOneOf(providerMetrics, sample.name));
  return samples.length === 0 ? undefined : samples.reduce((sum, sample) => sum + asCount(sample.value, sample.name), 0);
}

function processStart(exposition: Exposition): number | undefined {
  const value = exposition.samples.find((sample) => sample.name === processStartMetric)?.value;
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

function outcomeCounts(exposition: Exposition): Record<Outcome, number> {
  const counts: Record<Outcome, number> = { success: 0, degraded: 0, error: 0, timeout: 0, overloaded: 0, rejected: 0, cancelled: 0 };
  for (const sample of exposition.samples) {
    if (!isOneOf(requestsMetrics, sample.name)) continue;
    const label = sample.labels.get('outcome');
    const outcome = outcomes.find((candidate) => candidate === label);
    if (outcome !== undefined) counts[outcome] += asCount(sample.value, `${sample.name}{outcome="${outcome}"}`);
  }
  return counts;
}

function buckets(exposition: Exposition, metric: string): Bucket[] {
  const counts = new Map<number, number>();
  for (const sample of exposition.samples) {
    if (sample.name !== metric) continue;
    const le = parseValue(sample.labels.get('le') ?? '');
    if (le === undefined || Number.isNaN(le)) throw new UntrustedPageError(`${metric} has a bucket without a readable edge`);
    counts.set(le, (counts.get(le) ?? 0) + asCount(sample.value, metric));
  }
  const sorted = [...counts].map(([le, count]) => ({ le, count })).toSorted((left, right) => left.le - right.le);
  const last = sorted.at(-1);
  if (last !== undefined && last.le !== Infinity) throw new UntrustedPageError(`${metric} lacks its bucket le="+Inf"`);
  if (sorted.some((bucket, index) => bucket.count < (sorted[index - 1]?.count ?? 0))) {
    throw new UntrustedPageError(`${metric} is not cumulative`);
  }
  return sorted;
}

function asCount(value: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new UntrustedPageError(`${what} is ${value}, which is no count`);
  return value;
}
