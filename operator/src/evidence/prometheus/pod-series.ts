import type { PodTarget } from '../evidence-source.ts';
import { countersFrom, requestsMetric, wantedMetrics } from '../pod-counters.ts';
import type { Counting } from '../selectors.ts';
import type { PodScrape } from '../window.ts';
import type { VectorSample } from './answer.ts';

/** Selects all that a pod's page is read for, of all of the pods. */
export function seriesQuery(targets: readonly PodTarget[], counting: Counting): string {
  return `{__name__=~${alternatives([...wantedMetrics(counting)])},${podMatchers(targets)}}`;
}

/** When the pods were last scraped, in seconds since the epoch. */
export function freshnessQuery(targets: readonly PodTarget[]): string {
  return `timestamp(${requestsMetric}{${podMatchers(targets)}})`;
}

function podMatchers(targets: readonly PodTarget[]): string {
  const namespaces = [...new Set(targets.map(({ namespace = '' }) => namespace))];
  return `namespace=~${alternatives(namespaces)},pod=~${alternatives(targets.map(({ name = '' }) => name))}`;
}

/** Names of metrics, namespaces and pods hold nothing that a quoted regular expression would read otherwise but dots. */
function alternatives(names: readonly string[]): string {
  return `"${names.map((name) => name.replaceAll('.', '[.]')).join('|')}"`;
}

/** A pod's series of one scrape. */
export interface PodSeries {
  readonly samples: readonly VectorSample[];
  /** Seconds since its last scrape, by the server's clock; undefined when there was none. */
  readonly ageSeconds: number | undefined;
}

/** The answers of both queries by pod. */
export function byPod(targets: readonly PodTarget[], series: readonly VectorSample[], freshness: readonly VectorSample[]): ReadonlyMap<PodTarget, PodSeries> {
  const [samplesOf, timesOf] = [groupByPod(series), groupByPod(freshness)];
  return new Map(targets.map((target) => {
    const ages = (timesOf.get(keyOf(target)) ?? []).map(({ value, evaluatedAt }) => evaluatedAt - value).filter(Number.isFinite);
    return [target, { samples: samplesOf.get(keyOf(target)) ?? [], ageSeconds: ages.length === 0 ? undefined : Math.max(0, Math.min(...ages)) }] as const;
  }));
}

function groupByPod(samples: readonly VectorSample[]): Map<string, VectorSample[]> {
  return Map.groupBy(samples, ({ labels }) => keyOf({ namespace: labels.get('namespace') ?? '', name: labels.get('pod') ?? '' }));
}

function keyOf({ namespace = '', name = '' }: Pick<PodTarget, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

/** The pod's counters as its page would have given them when it was last scraped. `now`, `staleMs`: milliseconds. */
export function scrapeFrom(target: PodTarget, { samples, ageSeconds }: PodSeries, { counting, now, staleMs }: { readonly counting: Counting; readonly now: number; readonly staleMs: number }): PodScrape {
  const missed = (problem: string): PodScrape => ({ target, counters: undefined, problem });
  const scrapedBy = [...new Set(samples.filter(({ labels }) => labels.get('__name__') === requestsMetric).map(sourceOf))];
  const [only] = scrapedBy;
  if (only === undefined || ageSeconds === undefined) return missed(`Prometheus has no ${requestsMetric} with the labels namespace and pod of a pod: check that it scrapes the agents' pods`);
  if (scrapedBy.length > 1) return missed(`Prometheus scrapes a pod more than once, as ${scrapedBy.slice(0, 3).join(' and ')}: keep one of them, or all would count double`);
  if (ageSeconds * 1_000 > staleMs) return missed(`Prometheus last scraped a pod more than ${Math.floor(staleMs / 1_000)} s ago`);
  const page = samples.filter((sample) => sourceOf(sample) === only).map(({ labels, value }) => ({ name: labels.get('__name__') ?? '', labels, value }));
  try {
    return { target, counters: countersFrom({ samples: page, families: new Set(), counters: new Set() }, counting), at: now - ageSeconds * 1_000 };
  } catch (error) {
    return missed(error instanceof Error ? error.message : 'the series of a pod cannot be read');
  }
}

/** Which scrape a series is from: another one of the same pod has another job or another address. */
function sourceOf({ labels }: VectorSample): string {
  return `job ${labels.get('job') ?? ''}, instance ${labels.get('instance') ?? ''}`;
}
