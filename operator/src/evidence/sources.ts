import type { Clock, Logger } from '@sluice/kube';
import { CountingSource, type KeptEvidence } from './counting-source.ts';
import type { Evidence, EvidenceRequest, EvidenceSource } from './evidence-source.ts';
import type { PodReader } from './pod-reader.ts';
import type { PrometheusEndpoint } from './prometheus/client.ts';
import { PrometheusSource } from './prometheus/prometheus-source.ts';
import { PodScraper } from './scraper.ts';

export interface EvidenceSourcesOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Undefined: the operator was given none, and what asks for it is missing. */
  readonly prometheus?: PrometheusEndpoint | undefined;
}

/** The source that each request asks for. */
export class EvidenceSources implements EvidenceSource {
  readonly #pods: PodScraper;
  readonly #prometheus: PrometheusSource | undefined;
  readonly #none: CountingSource;

  constructor({ clock, logger, prometheus }: EvidenceSourcesOptions) {
    this.#pods = new PodScraper({ clock, logger });
    this.#prometheus = prometheus === undefined ? undefined : new PrometheusSource({ clock, logger, ...prometheus });
    this.#none = new CountingSource({ clock, reader: noPrometheus });
  }

  collect(request: EvidenceRequest, call: { readonly signal: AbortSignal }): Promise<Evidence> {
    const source = request.source === 'Prometheus' ? (this.#prometheus ?? this.#none) : this.#pods;
    return source.collect(request, call);
  }

  countsFrom(windowId: string): number | undefined {
    const known = [this.#pods, this.#prometheus, this.#none].flatMap((source) => source?.countsFrom(windowId) ?? []);
    return known.length === 0 ? undefined : Math.max(...known);
  }

  forget(windowId: string): void {
    for (const source of [this.#pods, this.#prometheus, this.#none]) source?.forget(windowId);
  }

  /** What all of them keep in memory. */
  get kept(): KeptEvidence {
    const each = [this.#pods, this.#prometheus, this.#none].flatMap((source) => source?.kept ?? []);
    return {
      windows: each.reduce((sum, { windows }) => sum + windows, 0),
      pods: each.reduce((sum, { pods }) => sum + pods, 0),
      numbers: each.reduce((sum, { numbers }) => sum + numbers, 0),
    };
  }

  /** Gives up all connections. */
  async close(): Promise<void> {
    await Promise.all([this.#pods.close(), this.#prometheus?.close()]);
  }
}

const notConfigured = 'rollout.gates.source is Prometheus, and the operator was given none: set prometheus.url of its chart, or take the source Pods';

const noPrometheus: PodReader = {
  read: ({ stable, canary }) => {
    const missed = (target: (typeof stable)[number]) => ({ target, counters: undefined });
    return Promise.resolve({ stable: stable.map(missed), canary: canary.map(missed), problems: [{ reason: notConfigured }] });
  },
};
