import { silentLogger, type Clock, type Logger } from '@sluice/kube';
import { Agent } from 'undici';
import { mapBounded } from './bounded-concurrency.ts';
import { EvidenceError, type Evidence, type EvidenceRequest, type EvidenceSource, type PodTarget } from './evidence-source.ts';
import { fetchMetricsPage } from './metrics-page.ts';
import { readPodCounters } from './pod-counters.ts';
import { EvidenceWindow, type PodScrape } from './window.ts';

export interface ScraperOptions {
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Milliseconds for one pod's page; default 2000. */
  readonly timeoutMs?: number;
  /** Largest page that is read, in bytes; default 1 MiB. */
  readonly maxPageBytes?: number;
  /** Pods that one collect reads at a time; default 16. */
  readonly concurrency?: number;
  /** Windows kept in memory; the one unused for longest is forgotten first, which loses a gap of counts. Default 1000. */
  readonly maxWindows?: number;
  /** Pods that are scraped and remembered per window, both revisions together; default 1000. */
  readonly maxPodsPerWindow?: number;
}

/** Counts by reading the pods' own metrics pages: nothing to install. Increments of a missed scrape come with the next good one. */
export class PodScraper implements EvidenceSource {
  readonly #options: Required<ScraperOptions>;
  readonly #dispatcher: Agent;
  readonly #windows = new Map<string, EvidenceWindow>();
  readonly #collecting = new Set<string>();

  constructor(options: ScraperOptions) {
    this.#options = { logger: silentLogger, timeoutMs: 2000, maxPageBytes: 1_048_576, concurrency: 16, maxWindows: 1000, maxPodsPerWindow: 1000, ...options };
    this.#dispatcher = new Agent({ connections: 1, pipelining: 1, keepAliveTimeout: 30_000, connect: { timeout: this.#options.timeoutMs } });
  }

  async collect(request: EvidenceRequest, call: { readonly signal: AbortSignal }): Promise<Evidence> {
    if (this.#collecting.has(request.windowId)) {
      throw new EvidenceError(`window ${request.windowId} is being collected already; wait for the first call to end`);
    }
    this.#collecting.add(request.windowId);
    try {
      const window = this.#window(request);
      const scrapes = await this.#scrape(request, call.signal);
      return window.add(scrapes, this.#options.clock.now());
    } finally {
      this.#collecting.delete(request.windowId);
    }
  }

  forget(windowId: string): void {
    this.#windows.delete(windowId);
  }

  /** Windows in memory. */
  get size(): number {
    return this.#windows.size;
  }

  /** Gives up all connections. */
  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }

  #window(request: EvidenceRequest): EvidenceWindow {
    const { clock, maxWindows, maxPodsPerWindow } = this.#options;
    const known = this.#windows.get(request.windowId);
    const window = known?.continues(request)
      ? known
      : new EvidenceWindow({ since: request.since, previous: request.previous, now: clock.now(), maxPods: maxPodsPerWindow });
    this.#windows.delete(request.windowId);
    this.#windows.set(request.windowId, window);
    for (const oldest of this.#windows.keys()) {
      if (this.#windows.size <= maxWindows) break;
      this.#windows.delete(oldest);
    }
    return window;
  }

  async #scrape(request: EvidenceRequest, signal: AbortSignal): Promise<{ stable: PodScrape[]; canary: PodScrape[] }> {
    const limit = Math.floor(this.#options.maxPodsPerWindow / 2);
    const stable = bounded(request.stable, limit);
    const targets = [...stable, ...bounded(request.canary, limit)];
    const scrapes = await mapBounded(targets, this.#options.concurrency, (target) => this.#scrapePod(target, signal));
    signal.throwIfAborted();
    return { stable: scrapes.slice(0, stable.length), canary: scrapes.slice(stable.length) };
  }

  async #scrapePod(target: PodTarget, signal: AbortSignal): Promise<PodScrape> {
    const { clock, timeoutMs, maxPageBytes, logger } = this.#options;
    try {
      const page = await fetchMetricsPage(target, { dispatcher: this.#dispatcher, clock, timeoutMs, maxBytes: maxPageBytes, signal });
      return { target, counters: readPodCounters(page) };
    } catch (error) {
      signal.throwIfAborted();
      logger.debug({ pod: target.uid, err: error }, 'A pod could not be scraped.');
      return { target, counters: undefined };
    }
  }
}

/** The same pods each time, so that each has an earlier value to compare with. */
function bounded(targets: readonly PodTarget[], limit: number): readonly PodTarget[] {
  return targets.length <= limit ? targets : targets.toSorted((left, right) => (left.uid < right.uid ? -1 : 1)).slice(0, limit);
}
