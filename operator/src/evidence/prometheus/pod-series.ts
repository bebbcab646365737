import type { PodTarget } from '../evidence-source.ts';
import { countersFrom, requestsMetric, wantedMetrics } from '../pod-counters.ts';
import type { Counting } from '../selectors.ts';
import type { PodScrape } from '../window.ts';
import { namesBeside } from './announcements.ts';
import type { VectorSample } from './answer.ts';
import { podKey, podOf, sourceOf } from './scrape-source.ts';

/** Selects all that a pod's page is read for, of all of the pods. */
export function seriesQuery(targets: readonly PodTarget[], counting: Counting): string {
  return `{__name__=~${alternatives([...new Set([...wantedMetrics(counting), ...namesBeside(counting)])])},${podMatchers(targets)}}`;
}

/** When the pods were last scraped, in seconds since the epoch. */
export function freshnessQuery(targets: readonly PodTarget[]): string {
  return `timestamp(${requestsMetric}{${podMatchers(targets)}})`;
}

/** Selects the targets of the pods. */
export function targetsSelector(targets: readonly PodTarget[]): string {
  return `{${podMatchers(targets)}}`;
}

/** By the labels of the pods. */
export function podMatchers(targets: readonly PodTarget[]): string {
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
    const ages = (timesOf.get(podKey(target)) ?? []).map(({ value, evaluatedAt }) => evaluatedAt - value).filter(Number.isFinite);
    return [target, { samples: samplesOf.get(podKey(target)) ?? [], ageSeconds: ages.length === 0 ? undefined : Math.max(0, Math.min(...ages)) }] as const;
  }));
}

function groupByPod(samples: readonly VectorSample[]): Map<string, VectorSample[]> {
  return Map.groupBy(samples, podOf);
}

/** The series of the only scrape of a pod; those of a sidecar's, for example, are left out. Undefined where there is none, or several. */
export function ownSeries({ samples }: PodSeries): readonly VectorSample[] | undefined {
  const [only, ...others] = scrapesIn(samples);
  return only === undefined || others.length > 0 ? undefined : samples.filter((sample) => sourceOf(sample) === only);
}

function scrapesIn(samples: readonly VectorSample[]): readonly string[] {
  return [...new Set(samples.filter(({ labels }) => labels.get('__name__') === requestsMetric).map(sourceOf))];
}

export interface ScrapeOptions {
  readonly counting: Counting;
  /** Counters that the pod announces without a series. */
  readonly announced: ReadonlySet<string>;
  /** Milliseconds, both. */
  readonly now: number;
  readonly staleMs: number;
}

/** The pod's counters as its page would have given them when it was last scraped. */
export function scrapeFrom(target: PodTarget, series: PodSeries, { counting, announced, now, staleMs }: ScrapeOptions): PodScrape {
  const missed = (problem: string): PodScrape => ({ target, counters: undefined, problem });
  const { samples, ageSeconds } = series;
  const scrapedBy = scrapesIn(samples);
  if (scrapedBy.length === 0 || ageSeconds === undefined) return missed(`Prometheus has no ${requestsMetric} with the labels namespace and pod of a pod: check that it scrapes the agents' pods`);
  if (scrapedBy.length > 1) return missed(`Prometheus scrapes a pod more than once, as ${scrapedBy.slice(0, 3).join(' and ')}: keep one of them, or all would count double`);
  if (ageSeconds * 1_000 > staleMs) return missed(`Prometheus last scraped a pod more than ${Math.floor(staleMs / 1_000)} s ago`);
  const page = (ownSeries(series) ?? []).map(({ labels, value }) => ({ name: labels.get('__name__') ?? '', labels, value }));
  try {
    return { target, counters: countersFrom({ samples: page, families: new Set(), counters: announced }, counting), at: now - ageSeconds * 1_000 };
  } catch (error) {
    return missed(error instanceof Error ? error.message : 'the series of a pod cannot be read');
  }
}
