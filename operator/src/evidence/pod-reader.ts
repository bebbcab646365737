import type { PodTarget } from './evidence-source.ts';
import type { Counting } from './selectors.ts';
import type { Scrapes } from './window.ts';

export interface ReadRequest {
  readonly stable: readonly PodTarget[];
  readonly canary: readonly PodTarget[];
  readonly counting: Counting;
}

/** Where the counters of pods are read. */
export interface PodReader {
  /** One scrape for each target, in their order. Rejects only when `signal` aborts, with its reason: what cannot be read is missed, with a problem that says why. */
  read(request: ReadRequest, call: { readonly signal: AbortSignal }): Promise<Scrapes>;
}
