import { isoTime, epochMsOf } from './clock-time.ts';
import { emptyEvidence } from './empty-evidence.ts';
import type { Evidence, EvidenceProblem, EvidenceRequest, PodTarget } from './evidence-source.ts';
import { pastOf } from './past.ts';
import type { PodCounters } from './pod-counters.ts';
import { worstTools } from './failed-tools.ts';
import { advancePod, askedAnew, sizeOf, type PodMemory } from './pod-memory.ts';
import { summarise } from './problems.ts';
import { RecentLooks, recentMs, type Look } from './recent.ts';
import { addSamples, emptySample, type Sample } from './sample.ts';
import { askedSince, type Counting, nothingElse } from './selectors.ts';

/** One pod's scrape; `counters` is undefined when it was missed. */
export interface PodScrape {
  readonly target: PodTarget;
  readonly counters: PodCounters | undefined;
  /** When the counters were as they are, milliseconds since the epoch. Default: now. */
  readonly at?: number | undefined;
  /** Why it was missed, or what else is wrong with it. */
  readonly problem?: string | undefined;
}

/** One look at the pods of both revisions. */
export interface Scrapes {
  readonly stable: readonly PodScrape[];
  readonly canary: readonly PodScrape[];
  /** What is missing besides what the scrapes say themselves. */
  readonly problems?: readonly EvidenceProblem[];
}

/** The last counters of every pod of one window, and the totals made of their increments. Does no I/O. */
export class EvidenceWindow {
  readonly #since: number;
  readonly #maxPods: number;
  readonly #pods = new Map<string, PodMemory>();
  readonly #recent = new RecentLooks();
  #counting: Counting = nothingElse;
  #totals: Evidence;
  #firstAddedAt: number | undefined;
  #addedAt: number | undefined;
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

  /** What was counted so far, if the last look is younger than that many milliseconds. */
  youngerThan(milliseconds: number, now: number): Evidence | undefined {
    // A clock that went back says nothing about age.
    return this.#addedAt !== undefined && now >= this.#addedAt && now - this.#addedAt < milliseconds ? this.#totals : undefined;
  }

  /** When it was first looked at, milliseconds since the epoch. */
  get countsFrom(): number | undefined {
    return this.#firstAddedAt;
  }

  /** Pods that are remembered. */
  get pods(): number {
    return this.#pods.size;
  }

  /** Numbers that are kept of them and of the last looks. */
  get numbers(): number {
    return [...this.#pods.values()].reduce((sum, pod) => sum + sizeOf(pod), this.#recent.size);
  }

  /** `counting`: what the scrapes were asked for; default: as before. */
  add(scrapes: Scrapes, now: number, counting: Counting = this.#counting): Evidence {
    this.#ask(counting);
    // What the stable pods had counted is as it was when they were first seen, which is before they are followed.
    const past = this.#totals.past ?? pastOf(scrapes.stable, now);
    const serving = [...scrapes.stable, ...scrapes.canary].filter(isServing);
    const missed = serving.filter((scrape) => scrape.counters === undefined).length;
    const stable = this.#addAll(scrapes.stable, now);
    const canary = this.#addAll(scrapes.canary, now);
    const problems = summarise([...(scrapes.problems ?? []), ...serving.flatMap(({ problem }) => (problem === undefined ? [] : [{ reason: problem }])), ...stable.problems, ...canary.problems]);
    const [worst, ...others] = worstTools(scrapes.canary);
    const failedTools = worst === undefined ? this.#totals.failedTools : [worst, ...others];
    const lastScrapeAt = scrapes.canary.some(isServing) ? this.#completeAt(serving) : this.#totals.lastScrapeAt;
    this.#totals = {
      since: this.#totals.since,
      ...(lastScrapeAt === undefined ? {} : { lastScrapeAt }),
      missedScrapes: this.#totals.missedScrapes + missed,
      stable: addSamples(this.#totals.stable, stable.all),
      canary: addSamples(this.#totals.canary, canary.all),
      recent: this.#recent.add({ at: now, stable: stable.recent, canary: canary.recent }),
      ...(problems.length === 0 ? {} : { problems }),
      ...(past === undefined ? {} : { past }),
      ...(failedTools === undefined ? {} : { failedTools }),
    };
    this.#firstAddedAt ??= now;
    this.#addedAt = now;
    this.#evict(now);
    return this.#totals;
  }

  #ask(counting: Counting): void {
    const anew = askedSince(this.#counting, counting);
    this.#counting = counting;
    if (anew.events.size === 0 && anew.costs === 'AsBefore') return;
    for (const [uid, pod] of this.#pods) this.#pods.set(uid, askedAnew(pod, anew));
  }

  #addAll(scrapes: readonly PodScrape[], now: number): { all: Sample; recent: Look['stable']; problems: EvidenceProblem[] } {
    let all = emptySample;
    let recent = emptySample;
    const problems: EvidenceProblem[] = [];
    for (const scrape of scrapes) {
      const { sample, age, problems: found } = this.#addPod(scrape, now);
      all = addSamples(all, sample);
      // What a pod counted while it could not be read may be older than recent.
      if (age <= recentMs) recent = addSamples(recent, sample);
      if (isServing(scrape)) problems.push(...found);
    }
    const { requests, bad, providerFailures = 0 } = recent;
    return { all, recent: { requests, bad, providerFailures, ...pods(scrapes) }, problems };
  }

  /** What the pod has counted since it was last read, `age` milliseconds ago. */
  #addPod({ target, counters, at: readAt }: PodScrape, now: number): { sample: Sample; age: number; problems: readonly EvidenceProblem[] } {
    const at = readAt ?? now;
    const before = this.#pods.get(target.uid);
    // Deleted and set again, so that the map's order is the order of the last look.
    this.#pods.delete(target.uid);
    if (counters === undefined) {
      this.#pods.set(target.uid, before ?? { counters: undefined, events: new Map(), freshAt: now, problems: [] });
      return { sample: emptySample, age: 0, problems: before?.problems ?? [] };
    }
    const firstSight = target.startedAt >= this.#countFrom ? 'from-zero' : 'baseline';
    const { sample, memory, problems } = advancePod(before, counters, { firstSight, at });
    this.#pods.set(target.uid, memory);
    return { sample, age: at - (before?.freshAt ?? at), problems };
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
  const buckets = [...sample.latencyBuckets, ...(sample.costBuckets ?? [])];
  return sample.requests === 0 && buckets.every(({ count }) => count === 0) && (sample.counts ?? []).every(({ total }) => total === 0);
}
