import type { FailedTool } from '@sluice/crds';
import type { EvidenceProblem } from './evidence-source.ts';
import { countProblem, readEvents, type EventReading } from './events.ts';
import { parseExposition, parseValue, type Exposition } from './exposition.ts';
import { addBuckets, thinBuckets } from './sample.ts';
import { failedToolsOf } from './failed-tools.ts';
import { metricsOf, nothingElse, toolCalls, type Counting } from './selectors.ts';

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
/** Dollars; only where the price of the model is known. */
export const costMetric = 'sluice_request_cost_dollars';
const costMetrics = [`${costMetric}_bucket`, 'sluice_mirrored_request_cost_dollars_bucket'] as const;
const costSumMetrics = [`${costMetric}_sum`, 'sluice_mirrored_request_cost_dollars_sum'] as const;
const ownNames = [...requestsMetrics, ...bucketMetrics, ...providerMetrics, circuitMetric, processStartMetric] as const;

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
  /** Cost of all requests but rejected ones, in dollars, as the other buckets; undefined when it was not asked for or is not measured. */
  readonly costBuckets?: readonly Bucket[] | undefined;
  /** Dollars that all of them cost together; undefined where the page does not say. */
  readonly costDollars?: number | undefined;
  /** What the objectives count, as far as it can be read. Default none. */
  readonly events?: readonly EventReading[];
  /** Tools of which calls failed since the process began, worst first; undefined where no objective asks, or none has. */
  readonly failedTools?: readonly FailedTool[] | undefined;
  /** Histograms that objectives ask for and the page has not. Default none. */
  readonly lacking?: readonly EvidenceProblem[];
}

/** A page that cannot be trusted. Reading half of it would look like a counter reset and count requests twice. */
export class UntrustedPageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UntrustedPageError';
  }
}

/** The names of the metrics that are read. */
export function wantedMetrics(counting: Counting): ReadonlySet<string> {
  return new Set([...ownNames, ...(counting.costs.length > 0 ? [...costMetrics, ...costSumMetrics] : []), ...metricsOf(counting)]);
}

/** The runtime's counters from its metrics page. Throws {@link UntrustedPageError} when any of them is missing, damaged or no count. */
export function readPodCounters(page: string, counting: Counting = nothingElse): PodCounters {
  const exposition = parseExposition(page, wantedMetrics(counting));
  if (exposition.malformed > 0) throw new UntrustedPageError(`${exposition.malformed} lines of the metrics page cannot be read, or tell of a series a second time`);
  return countersFrom(exposition, counting);
}

/** As {@link readPodCounters}, from samples that were read already. */
export function countersFrom(exposition: Pick<Exposition, 'samples' | 'families' | 'counters'>, counting: Counting): PodCounters {
  const { families, counters, samples } = exposition;
  if (!families.has(requestsMetric) && !hasSamples(samples, requestsMetric)) throw new UntrustedPageError(`the metrics page has no ${requestsMetric}`);
  const wantsTools = metricsOf(counting).includes(toolCalls.metrics[0]);
  const failedTools = wantsTools ? failedToolsOf(samples, toolCalls) : [];
  const wantsCost = counting.costs.length > 0 && hasSamples(samples, costMetrics[0]);
  return {
    processStart: processStart(samples),
    outcomes: outcomeCounts(samples),
    buckets: histogram(samples, bucketMetrics),
    providerFailures: providerFailures(samples),
    circuit: samples.some(({ name, value }) => name === circuitMetric && value > 0) ? 'Open' : 'Closed',
    ...(wantsCost ? { costBuckets: histogram(samples, costMetrics), ...dollars(samples) } : {}),
    ...(counting.counters.length === 0 ? {} : { events: counting.counters.map((counter) => readEvents({ samples, counters }, counter)) }),
    ...(failedTools.length === 0 ? {} : { failedTools }),
  };
}

type Samples = Exposition['samples'];

function hasSamples(samples: Samples, metric: string): boolean {
  return samples.some(({ name }) => name === metric);
}

/** Of users and copies together. */
function histogram(samples: Samples, metrics: readonly string[]): readonly Bucket[] {
  return thinBuckets(metrics.map((name) => buckets(samples, name)).reduce(addBuckets));
}

/** Where a histogram has no sum, as behind a server that drops it, the buckets alone have to do. */
function dollars(samples: Samples): Pick<PodCounters, 'costDollars'> {
  const sums = costSumMetrics.map((name) => samples.filter((sample) => sample.name === name));
  if (sums.some((found, index) => found.length === 0 && hasSamples(samples, costMetrics[index] ?? ''))) return {};
  return { costDollars: sums.flat().reduce((sum, { name, value }) => sum + asAmount(value, name), 0) };
}

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

function providerFailures(all: Samples): number | undefined {
  const samples = all.filter((sample) => isOneOf(providerMetrics, sample.name));
  return samples.length === 0 ? undefined : samples.reduce((sum, sample) => sum + asCount(sample.value, sample.name), 0);
}

function processStart(samples: Samples): number | undefined {
  const value = samples.find((sample) => sample.name === processStartMetric)?.value;
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

function outcomeCounts(samples: Samples): Record<Outcome, number> {
  const counts: Record<Outcome, number> = { success: 0, degraded: 0, error: 0, timeout: 0, overloaded: 0, rejected: 0, cancelled: 0 };
  for (const sample of samples) {
    if (!isOneOf(requestsMetrics, sample.name)) continue;
    const label = sample.labels.get('outcome');
    const outcome = outcomes.find((candidate) => candidate === label);
    if (outcome !== undefined) counts[outcome] += asCount(sample.value, `${sample.name}{outcome="${outcome}"}`);
  }
  return counts;
}

function buckets(samples: Samples, metric: string): Bucket[] {
  const counts = new Map<number, number>();
  for (const sample of samples) {
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

function asAmount(value: number, what: string): number {
  if (!(Number.isFinite(value) && value >= 0)) throw new UntrustedPageError(`${what} is ${value}, which is no sum of costs`);
  return value;
}

function asCount(value: number, what: string): number {
  const problem = countProblem(value);
  if (problem !== undefined) throw new UntrustedPageError(`${what} ${problem}`);
  return value;
}
