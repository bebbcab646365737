import { silentLogger, type Clock, type Logger } from '@sluice/kube';
import { Agent } from 'undici';
import type { PodTarget } from '../evidence/index.ts';
import { fetchMetricsPage } from '../evidence/metrics-page.ts';
import { readPodCounters } from '../evidence/pod-counters.ts';
import { tallyOf, type PodTally, type Tallies } from './pod-difference.ts';

export interface TallyReaderOptions {
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Milliseconds for one pod's page. */
  readonly timeoutMs?: number;
  /** Largest page that is read, in bytes. */
  readonly maxBytes?: number;
}

/** Reads what pods have counted from their metrics pages. A connection is not kept: the next look is a minute away. */
export class TallyReader {
  readonly #options: Required<TallyReaderOptions>;
  readonly #dispatcher: Agent;

  constructor(options: TallyReaderOptions) {
    this.#options = { logger: silentLogger, timeoutMs: 2_000, maxBytes: 1_048_576, ...options };
    this.#dispatcher = new Agent({ connections: 1, pipelining: 0, connect: { timeout: this.#options.timeoutMs } });
  }

  /** Of those that could be read. Rejects only when the signal aborts, with its reason. */
  async read(pods: readonly PodTarget[], { signal }: { readonly signal: AbortSignal }): Promise<Tallies> {
    const read = await Promise.all(pods.map(async (pod) => [pod.uid, await this.#tally(pod, signal)] as const));
    signal.throwIfAborted();
    return new Map(read.flatMap(([uid, tally]) => (tally === undefined ? [] : [[uid, tally] as const])));
  }

  /** Gives up all connections. */
  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }

  async #tally(pod: PodTarget, signal: AbortSignal): Promise<PodTally | undefined> {
    const { clock, timeoutMs, maxBytes, logger } = this.#options;
    try {
      return tallyOf(readPodCounters(await fetchMetricsPage(pod, { dispatcher: this.#dispatcher, clock, timeoutMs, maxBytes, signal })));
    } catch (error) {
      signal.throwIfAborted();
      logger.debug({ pod: pod.uid, err: error }, 'a pod was not read for whether it reaches its provider');
      return undefined;
    }
  }
}
