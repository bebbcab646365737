import { isoTime, epochMsOf } from './clock-time.ts';
import { increment } from './counters.ts';
import type { Evidence, EvidenceRequest, PodTarget } from './evidence-source.ts';
import type { PodCounters } from './pod-counters.ts';
import { addSamples, emptySample, type Sample } from './sample.ts';

/** One pod's scrape; `counters` is undefined when it was missed. */
export interface PodScrape {
  readonly target: PodTarget;
  readonly counters: PodCounters | undefined;
}

interface PodMemory {
  readonly counters: PodCounters | undefined;
  /** Milliseconds: the last good read, or the first try while there was none. */
  readonly freshAt: number;
}

/** The last counters of every pod of one window, and the totals made of their increments. Does no I/O. */
export class EvidenceWindow {
  readonly #since: number;
  readonly #maxPods: number;
  readonly #pods = new Map<string, PodMemory>();
  #totals: Evidence;
  /** Only a pod that started at or after this time (milliseconds) counts from 0 when it is first seen. */
  #countFrom: number;

  constructor(options: { since: number; previous: Evidence | undefined; now: number; maxPods: number }) {
    const { since, previous, now, maxPods } = options;
    this.#since = since;
    this.#maxPods = maxPods;
    this.#totals = ofWindow(previous, since) ?? { since: isoTime(since), missedScrapes: 0, stable: emptySample, canary: emptySample };
    // Totals without baselines: another process counted here. What it counted of the pods that run now is not known, so none counts from 0.
    this.#countFrom = isEmpty(this.#totals.stable) && isEmpty(this.#totals.canary) ? since : now;
  }

  /** Whether the window's memory still fits: false when another process has counted on, or the window begins elsewhere. */
  continues(request: Pick<EvidenceRequest, 'since' | 'previous'>): boolean {
    if (request.since !== this.#since) return false;
    const persisted = ofWindow(request.previous, this.#since);
    if (persisted === undefined) return true;
    return persisted.stable.requests <= this.#totals.stable.requests && persisted.canary.requests <= this.#totals.canary.requests;
  }

  add(scrapes: { stable: readonly PodScrape[]; canary: readonly PodScrape[] }, now: number): Evidence {
    const serving = [...scrapes.stable, ...scrapes.canary].filter(isServing);
    const missed = serving.filter((scrape) => scrape.counters === undefined).length;
    const stable = this.#addAll(this.#totals.stable, scrapes.stable, now);
    const canary = this.#addAll(this.#totals.canary, scrapes.canary, now);
    const lastScrapeAt = scrapes.canary.some(isServing) ? this.#completeAt(serving) : this.#totals.lastScrapeAt;
    this.#totals = {
      since: this.#totals.since,
      ...(lastScrapeAt === undefined ? {} : { lastScrapeAt }),
      missedScrapes: this.#totals.missedScrapes + missed,
      stable,
      canary,
    };
    this.#evict(now);
    return this.#totals;
  }

  #addAll(total: Sample, scrapes: readonly PodScrape[], now: number): Sample {
    return scrapes.reduce((sum, scrape) => {
      const before = this.#pods.get(scrape.target.uid);
      const { counters } = scrape;
      // Deleted and set again, so that the map's order is the order of the last look.
      this.#pods.delete(scrape.target.uid);
      this.#pods.set(scrape.target.uid, counters === undefined ? (before ?? { counters: undefined, freshAt: now }) : { counters, freshAt: now });
      if (counters === undefined) return sum;
      const firstSight = scrape.target.startedAt >= this.#countFrom ? 'from-zero' : 'baseline';
      return addSamples(sum, increment(before?.counters, counters, firstSight));
    }, total);
  }

  /** The evidence is as old as the pod that has not been read for longest: a pod that hangs must not hide behind those that answer. */
  #completeAt(scrapes: readonly PodScrape[]): string | undefined {
    const everRead = scrapes.some((scrape) => scrape.counters !== undefined) || this.#totals.lastScrapeAt !== undefined;
    if (!everRead) return undefined;
    const times = scrapes.flatMap((scrape) => this.#pods.get(scrape.target.uid)?.freshAt ?? []);
    return isoTime(Math.min(...times));
  }

  /** A pod that is forgotten must not count from 0 when it comes back, so nothing that runs by now does. */
  #evict(now: number): void {
    for (const uid of this.#pods.keys()) {
      if (this.#pods.size <= this.#maxPods) return;
      this.#pods.delete(uid);
      this.#countFrom = now;
    }
  }
}

function isServing({ target }: PodScrape): boolean {
  return target.state !== 'Leaving';
}

function ofWindow(evidence: Evidence | undefined, since: number): Evidence | undefined {
  return epochMsOf(evidence?.since) === since ? evidence : undefined;
}

function isEmpty(sample: Sample): boolean {
  return sample.requests === 0 && sample.latencyBuckets.every((bucket) => bucket.count === 0);
}
