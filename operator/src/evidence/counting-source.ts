import type { Clock } from '@sluice/kube';
import { EvidenceError, type Evidence, type EvidenceProblem, type EvidenceRequest, type EvidenceSource, type PodTarget } from './evidence-source.ts';
import { costMetric, durationMetric, type PodCounters } from './pod-counters.ts';
import type { PodReader } from './pod-reader.ts';
import { countingOf, type Counting } from './selectors.ts';
import { EvidenceWindow, type PodScrape, type Scrapes } from './window.ts';

/** How much is kept in memory. What is over a bound is forgotten, which loses counts and never makes them count twice. */
export interface MemoryBounds {
  /** Windows; the one unused for longest is forgotten first. Default 1000. */
  readonly maxWindows?: number;
  /** Pods that are read and remembered per window, both revisions together. Default 1000. */
  readonly maxPodsPerWindow?: number;
  /** Pods of all windows together; the window unused for longest is forgotten first. Default 20,000. */
  readonly maxPods?: number;
}

export interface CountingSourceOptions extends MemoryBounds {
  readonly clock: Clock;
  readonly reader: PodReader;
  /** Milliseconds between two looks of a window; until then the last one is returned. Default 0. */
  readonly minIntervalMs?: number;
}

/** What is kept in memory, to be held against its bounds. */
export interface KeptEvidence {
  readonly windows: number;
  readonly pods: number;
  readonly numbers: number;
}

/** Counts what a reader reads: the same windows whatever the reader is. */
export class CountingSource implements EvidenceSource {
  readonly #options: Required<CountingSourceOptions>;
  readonly #windows = new Map<string, EvidenceWindow>();
  readonly #collecting = new Set<string>();

  constructor(options: CountingSourceOptions) {
    this.#options = { maxWindows: 1000, maxPodsPerWindow: 1000, maxPods: 20_000, minIntervalMs: 0, ...options };
  }

  async collect(request: EvidenceRequest, call: { readonly signal: AbortSignal }): Promise<Evidence> {
    if (this.#collecting.has(request.windowId)) {
      throw new EvidenceError(`window ${request.windowId} is being collected already; wait for the first call to end`);
    }
    this.#collecting.add(request.windowId);
    try {
      const window = this.#window(request);
      const recent = window.youngerThan(this.#options.minIntervalMs, this.#options.clock.now());
      if (recent !== undefined) return recent;
      const limit = Math.floor(this.#options.maxPodsPerWindow / 2);
      const counting = countingOf(request.objectives ?? []);
      const scrapes = await this.#options.reader.read({ stable: bounded(request.stable, limit), canary: bounded(request.canary, limit), counting }, call);
      call.signal.throwIfAborted();
      const evidence = window.add(withLacking(scrapes, counting), this.#options.clock.now());
      this.#forgetOldest();
      return evidence;
    } finally {
      this.#collecting.delete(request.windowId);
    }
  }

  countsFrom(windowId: string): number | undefined {
    return this.#windows.get(windowId)?.countsFrom;
  }

  forget(windowId: string): void {
    this.#windows.delete(windowId);
  }

  get kept(): KeptEvidence {
    const windows = [...this.#windows.values()];
    return { windows: windows.length, pods: windows.reduce((sum, { pods }) => sum + pods, 0), numbers: windows.reduce((sum, { numbers }) => sum + numbers, 0) };
  }

  #window(request: EvidenceRequest): EvidenceWindow {
    const { clock, maxPodsPerWindow } = this.#options;
    const known = this.#windows.get(request.windowId);
    const window = known?.continues(request)
      ? known
      : new EvidenceWindow({ since: request.since, previous: request.previous, now: clock.now(), maxPods: maxPodsPerWindow });
    // Deleted and set again, so that the map's order is the order of the last use.
    this.#windows.delete(request.windowId);
    this.#windows.set(request.windowId, window);
    return window;
  }

  /** The one that was used last stays, however large it is. */
  #forgetOldest(): void {
    const { maxWindows, maxPods } = this.#options;
    let pods = [...this.#windows.values()].reduce((sum, window) => sum + window.pods, 0);
    for (const [id, window] of this.#windows) {
      if (this.#windows.size <= 1 || (this.#windows.size <= maxWindows && pods <= maxPods)) return;
      pods -= window.pods;
      this.#windows.delete(id);
    }
  }
}

/** The same pods each time, so that each has an earlier value to compare with. */
function bounded(targets: readonly PodTarget[], limit: number): readonly PodTarget[] {
  return targets.length <= limit ? targets : targets.toSorted((left, right) => (left.uid < right.uid ? -1 : 1)).slice(0, limit);
}

/** What a page has no histogram of. A runtime that knows no price counts no costs; that is missing, and not free of charge. */
function withLacking(scrapes: Scrapes, counting: Counting): Scrapes {
  const told = (scrape: PodScrape): PodScrape => (scrape.counters === undefined ? scrape : { ...scrape, counters: { ...scrape.counters, lacking: lackingOf(scrape.counters, counting) } });
  return { ...scrapes, stable: scrapes.stable.map(told), canary: scrapes.canary.map(told) };
}

function lackingOf({ outcomes: { rejected: _notTimed, ...others }, buckets, costBuckets }: PodCounters, { costs, latencies }: Counting): EvidenceProblem[] {
  const served = Object.values(others).some((count) => count > 0);
  const noPrice = `there is no metric ${costMetric}: name the price of the agent's model in spec.prices of its ModelProvider`;
  return [
    ...(costBuckets === undefined ? costs.map((objective) => ({ objective, reason: noPrice })) : []),
    ...(served && buckets.length === 0 ? latencies.map((objective) => ({ objective, reason: `there is no metric ${durationMetric}` })) : []),
  ];
}
