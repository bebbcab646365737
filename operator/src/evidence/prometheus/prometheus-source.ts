import { silentLogger, type Clock, type Logger } from '@sluice/kube';
import { CountingSource, type KeptEvidence, type MemoryBounds } from '../counting-source.ts';
import type { Evidence, EvidenceRequest, EvidenceSource } from '../evidence-source.ts';
import { PrometheusClient, type PrometheusEndpoint } from './client.ts';
import { PrometheusReader } from './prometheus-reader.ts';

export interface PrometheusSourceOptions extends PrometheusEndpoint, MemoryBounds {
  readonly clock: Clock;
  readonly logger?: Logger;
  /** As of the client: largest answer in bytes. */
  readonly maxBytes?: number;
  /** As of the reader: milliseconds. */
  readonly staleMs?: number;
  /** Milliseconds between two looks of a window: more often than it scrapes there is nothing new. Default 5000. */
  readonly minIntervalMs?: number;
}

/** Counts by Prometheus instead of the pods' own pages. What it cannot tell is missing. */
export class PrometheusSource implements EvidenceSource {
  readonly #source: CountingSource;
  readonly #client: PrometheusClient;

  constructor(options: PrometheusSourceOptions) {
    this.#client = new PrometheusClient(options);
    const { clock, logger = silentLogger, staleMs } = options;
    const reader = new PrometheusReader({ client: this.#client, clock, logger, ...(staleMs === undefined ? {} : { staleMs }) });
    this.#source = new CountingSource({ minIntervalMs: 5_000, ...options, reader });
  }

  collect(request: EvidenceRequest, call: { readonly signal: AbortSignal }): Promise<Evidence> {
    return this.#source.collect(request, call);
  }

  countsFrom(windowId: string): number | undefined {
    return this.#source.countsFrom(windowId);
  }

  forget(windowId: string): void {
    this.#source.forget(windowId);
  }

  /** What is in memory. */
  get kept(): KeptEvidence {
    return this.#source.kept;
  }

  /** Gives up all connections. */
  async close(): Promise<void> {
    await this.#client.close();
  }
}
