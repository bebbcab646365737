import { silentLogger, type Clock, type Logger } from '@sluice/kube';
import { CountingSource, type MemoryBounds } from '../counting-source.ts';
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
export class PrometheusSource extends CountingSource {
  readonly #client: PrometheusClient;

  constructor(options: PrometheusSourceOptions) {
    const client = new PrometheusClient(options);
    const { clock, logger = silentLogger, staleMs } = options;
    const reader = new PrometheusReader({ client, clock, logger, ...(staleMs === undefined ? {} : { staleMs }) });
    super({ minIntervalMs: 5_000, ...options, reader });
    this.#client = client;
  }

  /** Gives up all connections. */
  async close(): Promise<void> {
    await this.#client.close();
  }
}
