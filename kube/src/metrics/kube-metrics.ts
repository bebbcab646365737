import type { Labels, Series } from './series.ts';

/** Where measurements go. Bind it to prom-client (or anything) by the names of `metricDefinitions`. */
export interface MetricsSink {
  increment(name: string, labels: Readonly<Record<string, string>>, by: number): void;
  set(name: string, labels: Readonly<Record<string, string>>, value: number): void;
  observe(name: string, labels: Readonly<Record<string, string>>, value: number): void;
  /** Optional: looks one series up once, for what is reported at every event. */
  bind?(name: string, labels: Labels): Series;
}

export interface RequestMeasurement {
  /** HTTP method. */
  readonly method: string;
  /** Host and port of the API server. */
  readonly host: string;
  /** HTTP status, or `<error>` when there was none. */
  readonly code: string;
  readonly seconds: number;
  /** Of the body; 0 when there is none. */
  readonly requestBytes: number;
}

/** How a run of an exec plugin ended, in client-go's words. */
export type ExecPluginOutcome = 'no_error' | 'plugin_execution_error' | 'plugin_not_found_error' | 'client_internal_error';

const nowhere: Series = Object.freeze({ increment() {}, set() {}, observe() {} });
const discard: MetricsSink = Object.freeze({ increment() {}, set() {}, observe() {}, bind: () => nowhere });

/** Translates what happens in this package into metrics. Without a sink it does nothing. */
export class KubeMetrics {
  readonly #sink: MetricsSink;
  readonly #probes = new Set<() => void>();
  /** Sums of gauges that several report to, by name and labels. */
  readonly #sums = new Map<string, number>();

  constructor(sink: MetricsSink = discard) {
    this.#sink = sink;
  }

  /** Brings gauges that only time changes up to date; call it before a scrape. */
  collect(): void {
    for (const probe of this.#probes) probe();
  }

  /** Runs `probe` at each {@link collect} until the returned function is called. */
  onCollect(probe: () => void): () => void {
    this.#probes.add(probe);
    return () => void this.#probes.delete(probe);
  }

  requestDone({ method, host, code, seconds, requestBytes }: RequestMeasurement): void {
    this.#sink.increment('rest_client_requests_total', { code, method, host }, 1);
    this.#sink.observe('rest_client_request_duration_seconds', { verb: method, host }, seconds);
    this.#sink.observe('rest_client_request_size_bytes', { verb: method, host }, requestBytes);
  }

  responseRead({ method, host, bytes }: { method: string; host: string; bytes: number }): void {
    this.#sink.observe('rest_client_response_size_bytes', { verb: method, host }, bytes);
  }

  callsWaiting(host: string, count: number): void {
    this.#sink.set('kube_client_calls_waiting', { host }, count);
  }

  requestRetried({ method, host, code }: Pick<RequestMeasurement, 'method' | 'host' | 'code'>): void {
    this.#sink.increment('rest_client_request_retries_total', { code, verb: method, host }, 1);
  }

  rateLimited({ method, host, seconds }: Pick<RequestMeasurement, 'method' | 'host' | 'seconds'>): void {
    this.#sink.observe('rest_client_rate_limiter_duration_seconds', { verb: method, host }, seconds);
  }

  /** `code` is the exit code; 0 only when all went well. */
  execPluginCalled(code: number, outcome: ExecPluginOutcome): void {
    this.#sink.increment('rest_client_exec_plugin_call_total', { code: String(code), call_status: outcome }, 1);
  }

  execPluginTtl(seconds: number): void {
    this.#sink.set('rest_client_exec_plugin_ttl_seconds', {}, seconds);
  }

  /** A series with its labels settled. */
  bind(name: string, labels: Labels): Series {
    const sink = this.#sink;
    return sink.bind?.(name, labels) ?? {
      increment: (by) => sink.increment(name, labels, by),
      set: (value) => sink.set(name, labels, value),
      observe: (value) => sink.observe(name, labels, value),
    };
  }

  /** One reporter's part of a gauge: the sink gets the sum of all parts. */
  share(name: string, labels: Labels): Pick<Series, 'set'> {
    const [series, key] = [this.bind(name, labels), JSON.stringify([name, labels])];
    let part = 0;
    return {
      set: (value) => {
        const sum = (this.#sums.get(key) ?? 0) + value - part;
        part = value;
        this.#sums.set(key, sum);
        series.set(sum);
      },
    };
  }

  leading(name: string, state: 'leader' | 'follower'): void {
    this.#sink.set('leader_election_master_status', { name }, state === 'leader' ? 1 : 0);
  }

  /** Counts that a renewal had to read the lease first; `start` makes the series. */
  electionSlowPath(name: string, what: 'start' | 'taken'): void {
    this.#sink.increment('leader_election_slowpath_total', { name }, what === 'start' ? 0 : 1);
  }

  partPoolReset(): void {
    this.bind('kube_informer_part_pool_resets_total', Object.freeze({})).increment(1);
  }

  textPoolReset(): void {
    this.bind('kube_informer_text_pool_resets_total', Object.freeze({})).increment(1);
  }

  eventRecorded(result: 'sent' | 'dropped' | 'failed'): void {
    this.#sink.increment('kube_events_recorded_total', { result }, 1);
  }
}
