import { silentLogger, type Clock, type Logger } from '@sluice/kube';
import { Agent } from 'undici';
import { mapBounded } from './bounded-concurrency.ts';
import type { PodTarget } from './evidence-source.ts';
import { fetchMetricsPage } from './metrics-page.ts';
import { readPodCounters } from './pod-counters.ts';
import type { PodReader, ReadRequest } from './pod-reader.ts';
import type { Counting } from './selectors.ts';
import { SilentPods } from './silent-pods.ts';
import type { PodScrape, Scrapes } from './window.ts';

export interface PageReaderOptions {
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Milliseconds for one pod's page; default 2000. */
  readonly timeoutMs?: number;
  /** Largest page that is read, in bytes; default 1 MiB. */
  readonly maxPageBytes?: number;
  /** Pods that one look reads at a time; default 16. */
  readonly concurrency?: number;
  /** What becomes of the connection to a pod when its page was read. Default `Connected`, for half a minute. */
  readonly betweenLooks?: 'Connected' | 'Disconnected';
}

/** Reads the pods' own metrics pages. */
export class PageReader implements PodReader {
  readonly #options: Required<PageReaderOptions>;
  readonly #dispatcher: Agent;
  readonly #silent: SilentPods;

  constructor(options: PageReaderOptions) {
    this.#options = { logger: silentLogger, timeoutMs: 2000, maxPageBytes: 1_048_576, concurrency: 16, betweenLooks: 'Connected', ...options };
    this.#dispatcher = new Agent({ connections: 1, pipelining: this.#options.betweenLooks === 'Connected' ? 1 : 0, keepAliveTimeout: 30_000, connect: { timeout: this.#options.timeoutMs } });
    this.#silent = new SilentPods(options);
  }

  async read({ stable, canary, counting }: ReadRequest, { signal }: { readonly signal: AbortSignal }): Promise<Scrapes> {
    const scrapes = await mapBounded([...stable, ...canary], this.#options.concurrency, (target) => this.#scrapePod(target, counting, signal));
    signal.throwIfAborted();
    const problems = counting.queries.map(({ name }) => ({ objective: name, reason: 'a query needs rollout.gates.source Prometheus: the pods themselves answer none' }));
    return { stable: scrapes.slice(0, stable.length), canary: scrapes.slice(stable.length), problems };
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }

  async #scrapePod(target: PodTarget, counting: Counting, signal: AbortSignal): Promise<PodScrape> {
    const { clock, timeoutMs, maxPageBytes, logger } = this.#options;
    const paused = this.#silent.pausedFor(target.uid);
    if (paused !== undefined) return { target, counters: undefined, problem: paused };
    const begun = clock.monotonic();
    try {
      const page = await fetchMetricsPage(target, { dispatcher: this.#dispatcher, clock, timeoutMs, maxBytes: maxPageBytes, signal });
      this.#silent.answered(target.uid);
      return { target, counters: readPodCounters(page, counting) };
    } catch (error) {
      signal.throwIfAborted();
      logger.debug({ pod: target.uid, err: error }, 'A pod could not be scraped.');
      const problem = `a pod could not be scraped: ${causeOf(error)}`;
      if (clock.monotonic() - begun >= timeoutMs) this.#silent.wasSilent(target.uid, problem);
      else this.#silent.answered(target.uid);
      return { target, counters: undefined, problem };
    }
  }
}

/** What went wrong in the end, without the pod, so that pods with the same trouble are counted together. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  return code ?? (cause instanceof Error ? cause.message : 'for a reason that it did not tell');
}
