import type { Clock, Logger } from '@sluice/kube';
import { mapBounded } from '../bounded-concurrency.ts';
import type { EventReading } from '../events.ts';
import type { PodTarget } from '../evidence-source.ts';
import type { PodReader, ReadRequest } from '../pod-reader.ts';
import type { Counting } from '../selectors.ts';
import type { PodScrape, Scrapes } from '../window.ts';
import { announcedOn, type Announcement, type Announcements, isStoredAsAnnounced, namesInQuestion, type Stored, storedQuery } from './announcements.ts';
import type { PrometheusClient } from './client.ts';
import { byPod, freshnessQuery, ownSeries, podMatchers, type PodSeries, scrapeFrom, seriesQuery, targetsSelector } from './pod-series.ts';
import { PrometheusError } from './prometheus-error.ts';
import { eventsOf, type QueryResult } from './query-events.ts';
import { asOneQuery, partOf, type QueryPair } from './query-pair.ts';

export interface PrometheusReaderOptions {
  readonly client: Pick<PrometheusClient, 'query' | 'announcements'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds after which a pod's last scrape is no more than history. Default two minutes: two scrapes of the usual longest interval. */
  readonly staleMs?: number;
}

/** Pods that one query is about: a pod has a few hundred series. */
const podsPerQuery = 50;
const queriesAtATime = 4;

type Call = { readonly signal: AbortSignal };

/** Reads the raw counters of the pods from Prometheus, never its rates: the windows make increments of them as of pages. */
export class PrometheusReader implements PodReader {
  readonly #options: Required<PrometheusReaderOptions>;

  constructor(options: PrometheusReaderOptions) {
    this.#options = { staleMs: 120_000, ...options };
  }

  async read({ stable, canary, counting }: ReadRequest, call: Call): Promise<Scrapes> {
    const targets = [...stable, ...canary];
    const chunks = Array.from({ length: Math.ceil(targets.length / podsPerQuery) }, (_, index) => targets.slice(index * podsPerQuery, (index + 1) * podsPerQuery));
    const scrapes = (await mapBounded(chunks, queriesAtATime, (chunk) => this.#readPods(chunk, counting, call))).flat();
    const events = await this.#events(targets, counting, call);
    call.signal.throwIfAborted();
    const complete = scrapes.map((scrape) => withEvents(scrape, events.get(scrape.target) ?? []));
    return { stable: complete.slice(0, stable.length), canary: complete.slice(stable.length) };
  }

  async #readPods(targets: readonly PodTarget[], counting: Counting, call: Call): Promise<PodScrape[]> {
    // How old the values are is asked first, so that they are never taken for younger than they are.
    const freshness = await this.#query(freshnessQuery(targets), call);
    const series = 'problem' in freshness ? freshness : await this.#query(seriesQuery(targets, counting), call);
    if ('problem' in freshness || 'problem' in series) {
      const problem = 'problem' in series ? series.problem : 'Prometheus could not be asked';
      return targets.map((target) => ({ target, counters: undefined, problem }));
    }
    const found = byPod(targets, series.samples, freshness.samples);
    const announced = await this.#announced(found, counting, call);
    const options = { counting, now: this.#options.clock.now(), staleMs: this.#options.staleMs };
    return targets.map((target) => scrapeFrom(target, found.get(target) ?? { samples: [], ageSeconds: undefined }, { ...options, announced: announced.get(target) ?? new Set() }));
  }

  /** Counters that have not begun, by pod. What their targets hold is asked only while a pod lacks the series of a counter that it announces. */
  async #announced(pods: ReadonlyMap<PodTarget, PodSeries>, counting: Counting, call: Call): Promise<ReadonlyMap<PodTarget, ReadonlySet<string>>> {
    const series = new Map([...pods].map(([target, pod]) => [target, ownSeries(pod) ?? []] as const));
    const names = namesInQuestion(series.values(), counting);
    const told = await mapBounded(names, queriesAtATime, async (name) => [name, await this.#announcements([...pods.keys()], name, call)] as const);
    const announcements: Announcements = new Map(told);
    const announced = [...series].map(([target, own]) => [target, announcedOn(own, announcements, counting)] as const).filter(([, counters]) => counters.size > 0);
    if (announced.length === 0) return new Map();
    const stored = await this.#stored(announced.map(([target]) => target), call);
    return new Map(announced.filter(([target]) => isStoredAsAnnounced(series.get(target) ?? [], stored)));
  }

  async #stored(targets: readonly PodTarget[], call: Call): Promise<Stored> {
    const series = await this.#query(storedQuery(podMatchers(targets)), call);
    return 'problem' in series ? { series: [], announced: [] } : { series: series.samples, announced: await this.#announcements(targets, undefined, call) };
  }

  /** A server that does not tell leaves a counter missing, as one that nobody announces is. */
  async #announcements(targets: readonly PodTarget[], metric: string | undefined, { signal }: Call): Promise<readonly Announcement[]> {
    const { client, logger } = this.#options;
    try {
      return await client.announcements(metric, targetsSelector(targets), { signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PrometheusError)) throw error;
      logger.debug({ err: error, metric }, 'Prometheus does not tell what its targets announce.');
      return [];
    }
  }

  async #events(targets: readonly PodTarget[], { queries }: Counting, call: Call): Promise<ReadonlyMap<PodTarget, readonly EventReading[]>> {
    if (targets.length === 0) return new Map();
    const results = await mapBounded(queries, queriesAtATime, async ({ name, bad, total }) => ({ name, ...(await this.#pair({ bad, total }, call)) }));
    return new Map(targets.map((target) => [target, results.map(({ name, ...parts }) => eventsOf(target, name, parts))] as const));
  }

  async #pair(pair: QueryPair, call: Call): Promise<Record<keyof QueryPair, QueryResult>> {
    const both = await this.#query(asOneQuery(pair), call);
    if (!('problem' in both)) return { bad: { samples: partOf(both.samples, 'bad') }, total: { samples: partOf(both.samples, 'total') } };
    // Which of the two is at fault is told by each alone; their counts do not belong together.
    const [bad, total] = [await this.#query(pair.bad, call), await this.#query(pair.total, call)];
    return 'problem' in bad || 'problem' in total ? { bad, total } : { bad: both, total: both };
  }

  async #query(promql: string, { signal }: Call): Promise<QueryResult> {
    const { client, logger, staleMs } = this.#options;
    try {
      return { samples: await client.query(promql, { signal, lookbackMs: staleMs }) };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PrometheusError)) throw error;
      logger.debug({ err: error }, 'Prometheus could not be asked.');
      return { problem: `Prometheus: ${error.message}` };
    }
  }
}

function withEvents(scrape: PodScrape, events: readonly EventReading[]): PodScrape {
  if (scrape.counters === undefined || events.length === 0) return scrape;
  return { ...scrape, counters: { ...scrape.counters, events: [...(scrape.counters.events ?? []), ...events] } };
}
