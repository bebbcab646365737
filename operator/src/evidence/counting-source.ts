import type { Objective } from '@sluice/crds';
import type { Clock } from '@sluice/kube';
import { epochMsOf, isoTime } from './clock-time.ts';
import { emptyEvidence } from './empty-evidence.ts';
import { EvidenceError, type Evidence, type EvidenceProblem, type EvidenceRequest, type EvidenceSource, type PodTarget } from './evidence-source.ts';
import { costMetric, durationMetric, type PodCounters } from './pod-counters.ts';
import type { PodReader } from './pod-reader.ts';
import { countingOf, type Counting, nothingElse } from './selectors.ts';
import { EvidenceWindow, type PodScrape, type Scrapes } from './window.ts';

/**
 * How much is kept in memory. A window that has no place is not measured, and says so, until another has ended: if it took the place of one that
 * is in use, each of more windows than there are places would be forgotten before its next look, and nothing would be counted in any of them.
 */
export interface MemoryBounds {
  /** Windows. Default 5000. */
  readonly maxWindows?: number;
  /** Pods that are read and remembered per window, both revisions together. Default 1000. */
  readonly maxPodsPerWindow?: number;
  /**
   * Pods of all windows together when another is opened. By a quarter more the windows may grow; beyond it the one unused for longest is forgotten,
   * which loses counts and never makes them count twice. Default 20,000.
   */
  readonly maxPods?: number;
}

/** A window that nobody has looked at for so long is of a release that ended elsewhere, or of an agent that went; milliseconds. */
const idleMs = 120_000;

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

interface KeptWindow {
  readonly window: EvidenceWindow;
  /** Monotonic milliseconds. */
  readonly usedAt: number;
}

/** Counts what a reader reads: the same windows whatever the reader is. */
export class CountingSource implements EvidenceSource {
  readonly #options: Required<CountingSourceOptions>;
  /** In the order of their last use. */
  readonly #windows = new Map<string, KeptWindow>();
  /** Of all windows: it is asked at every look, and adding them up would take longer than the look. */
  #pods = 0;
  readonly #collecting = new Set<string>();
  /** The cache keeps the spec of a Release as long as it says the same, so its objectives are those of the last look. */
  readonly #countings = new WeakMap<readonly Objective[], Counting>();

  constructor(options: CountingSourceOptions) {
    this.#options = { maxWindows: 5000, maxPodsPerWindow: 1000, maxPods: 20_000, minIntervalMs: 0, ...options };
  }

  async collect(request: EvidenceRequest, call: { readonly signal: AbortSignal }): Promise<Evidence> {
    if (this.#collecting.has(request.windowId)) {
      throw new EvidenceError(`window ${request.windowId} is being collected already; wait for the first call to end`);
    }
    this.#collecting.add(request.windowId);
    try {
      const window = this.#window(request);
      if (window === undefined) return this.#withoutPlace(request);
      const recent = window.youngerThan(this.#options.minIntervalMs, this.#options.clock.now());
      if (recent !== undefined) return recent;
      const limit = Math.floor(this.#options.maxPodsPerWindow / 2);
      const counting = this.#countingOf(request.objectives);
      const scrapes = await this.#options.reader.read({ stable: bounded(request.stable, limit), canary: bounded(request.canary, limit), counting }, call);
      call.signal.throwIfAborted();
      const before = window.pods;
      const evidence = window.add(withLacking(scrapes, counting), this.#options.clock.now(), counting);
      if (this.#windows.get(request.windowId)?.window === window) this.#pods += window.pods - before;
      this.#forgetOldest();
      return evidence;
    } finally {
      this.#collecting.delete(request.windowId);
    }
  }

  countsFrom(windowId: string): number | undefined {
    return this.#windows.get(windowId)?.window.countsFrom;
  }

  forget(windowId: string): void {
    this.#pods -= this.#windows.get(windowId)?.window.pods ?? 0;
    this.#windows.delete(windowId);
  }

  get kept(): KeptEvidence {
    const windows = [...this.#windows.values()];
    return { windows: windows.length, pods: this.#pods, numbers: windows.reduce((sum, { window: { numbers } }) => sum + numbers, 0) };
  }

  #countingOf(objectives: readonly Objective[] | undefined): Counting {
    if (objectives === undefined) return nothingElse;
    const counting = this.#countings.get(objectives) ?? countingOf(objectives);
    this.#countings.set(objectives, counting);
    return counting;
  }

  /** Undefined where there is no place for another. */
  #window(request: EvidenceRequest): EvidenceWindow | undefined {
    const { clock, maxPodsPerWindow } = this.#options;
    const known = this.#windows.get(request.windowId)?.window;
    if (known === undefined && !this.#hasPlaceFor(request)) return undefined;
    const window = known?.continues(request)
      ? known
      : new EvidenceWindow({ since: request.since, previous: request.previous, now: clock.now(), maxPods: maxPodsPerWindow });
    this.forget(request.windowId);
    this.#windows.set(request.windowId, { window, usedAt: clock.monotonic() });
    this.#pods += window.pods;
    return window;
  }

  /** The first has a place, however large it is. */
  #hasPlaceFor({ stable, canary }: EvidenceRequest): boolean {
    const { clock, maxWindows, maxPods, maxPodsPerWindow } = this.#options;
    const needed = Math.min(maxPodsPerWindow, stable.length + canary.length);
    const fits = (): boolean => this.#windows.size === 0 || (this.#windows.size < maxWindows && this.#pods + needed <= maxPods);
    for (const [id, { usedAt }] of this.#windows) {
      if (fits() || clock.monotonic() - usedAt < idleMs) break;
      this.forget(id);
    }
    return fits();
  }

  /** What is known of it, and why it is no more. Without numbers that change: each would be a write. */
  #withoutPlace({ since, previous }: EvidenceRequest): Evidence {
    const { maxWindows, maxPods } = this.#options;
    const reason = `one replica of the operator measures ${maxWindows} releases, or ${maxPods} pods, at a time, and this one has no place yet: it is measured as soon as another has ended; for more at once divide the fleet into shards`;
    return { ...(epochMsOf(previous?.since) === since && previous !== undefined ? previous : emptyEvidence(isoTime(since))), problems: [{ reason }] };
  }

  /** The one that was used last stays, however large it is. */
  #forgetOldest(): void {
    for (const id of this.#windows.keys()) {
      if (this.#windows.size <= 1 || this.#pods <= this.#options.maxPods * 1.25) return;
      this.forget(id);
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
