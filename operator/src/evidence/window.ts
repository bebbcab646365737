import { isoTime, epochMsOf } from './clock-time.ts';
import { increment } from './counters.ts';
import { emptyEvidence } from './empty-evidence.ts';
import type { Evidence, EvidenceRequest, PodTarget } from './evidence-source.ts';
import type { PodCounters } from './pod-counters.ts';
import { RecentLooks, recentMs, type Look } from './recent.ts';
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
  readonly #recent = new RecentLooks();
  #totals: Evidence;
  /** Only a pod that started at or after this time (milliseconds) counts from 0 when it is first seen. */
  #countFrom: number;

  constructor(options: { since: number; previous: Evidence | undefined; now: number; maxPods: number }) {
    const { since, previous, now, maxPods } = options;
    this.#since = since;
    this.#maxPods = maxPods;
    this.#totals = ofWindow(previous, since) ?? emptyEvidence(isoTime(since));
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
    const stable = this.#addAll(scrapes.stable, now);
    const canary = this.#addAll(scrapes.canary, now);
    const lastScrapeAt = scrapes.canary.some(isServing) ? this.#completeAt(serving) : this.#totals.lastScrapeAt;
    this.#totals = {
      since: this.#totals.since,
      ...(lastScrapeAt === undefined ? {} : { lastScrapeAt }),
      missedScrapes: this.#totals.missedScrapes + missed,
      stable: addSamples(this.#totals.stable, stable.all),
      canary: addSamples(this.#totals.canary, canary.all),
      recent: this.#recent.add({ at: now, stable: stable.recent, canary: canary.recent }),
    };
    this.#evict(now);
    return this.#totals;
  }

  #addAll(scrapes: readonly PodScrape[], now: number): { all: Sample; recent: Look['stable'] } {
    let all = emptySample;
    let recent = emptySample;
    for (const scrape of scrapes) {
      const { sample, age } = this.#addPod(scrape, now);
      all = addSamples(all, sample);
      // What a pod counted while it could not be read may be older than recent.
      if (age <= recentMs) recent = addSamples(recent, sample);
    }
    const { requests, bad, providerFailures = 0 } = recent;
    return { all, recent: { requests, bad, providerFailures, ...pods(scrapes) } };
  }

  /** What the pod has counted since it was last read, `age` milliseconds ago. */
  #addPod({ target, counters }: PodScrape, now: number): { sample: Sample; age: number } {
    const before = this.#pods.get(target.uid);
    // Deleted and set again, so that the map's order is the order of the last look.
    this.#pods.delete(target.uid);
    this.#pods.set(target.uid, counters === undefined ? (before ?? { counters: undefined, freshAt: now }) : { counters, freshAt: now });
    if (counters === undefined) return { sample: emptySample, age: 0 };
    const firstSight = target.startedAt >= this.#countFrom ? 'from-zero' : 'baseline';
    return { sample: increment(before?.counters, counters, firstSight), age: now - (before?.freshAt ?? now) };
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

function pods(scrapes: readonly PodScrape[]): Pick<Look['stable'], 'pods' | 'circuitsOpen'> {
  const read = scrapes.filter((scrape) => isServing(scrape) && scrape.counters !== undefined);
  return { pods: read.length, circuitsOpen: read.filter((scrape) => scrape.counters?.circuit === 'Open').length };
}

function ofWindow(evidence: Evidence | undefined, since: number): Evidence | undefined {
  return epochMsOf(evidence?.since) === since ? evidence : undefined;
}

function isEmpty(sample: Sample): boolean {
  return sample.requests === 0 && sample.latencyBuckets.every((bucket) => bucket.count === 0);
}
