/** Where measurements go. Bind it to prom-client (or anything) by the names of `metricDefinitions`. */
export interface MetricsSink {
  increment(name: string, labels: Readonly<Record<string, string>>, by: number): void;
  set(name: string, labels: Readonly<Record<string, string>>, value: number): void;
  observe(name: string, labels: Readonly<Record<string, string>>, value: number): void;
}

export interface RequestMeasurement {
  /** HTTP method. */
  readonly method: string;
  /** Host and port of the API server. */
  readonly host: string;
  /** HTTP status, or `<error>` when there was none. */
  readonly code: string;
  readonly seconds: number;
}

export type ReconcileOutcome = 'success' | 'error' | 'requeue_after' | 'requeue';

const discard: MetricsSink = Object.freeze({ increment() {}, set() {}, observe() {} });

/** Translates what happens in this package into metrics. Without a sink it does nothing. */
export class KubeMetrics {
  readonly #sink: MetricsSink;
  readonly #probes = new Set<() => void>();

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

  requestDone({ method, host, code, seconds }: RequestMeasurement): void {
    this.#sink.increment('rest_client_requests_total', { code, method, host }, 1);
    this.#sink.observe('rest_client_request_duration_seconds', { verb: method, host }, seconds);
  }

  requestRetried({ method, host, code }: Omit<RequestMeasurement, 'seconds'>): void {
    this.#sink.increment('rest_client_request_retries_total', { code, verb: method, host }, 1);
  }

  queueDepth(name: string, priority: string, depth: number): void {
    this.#sink.set('workqueue_depth', { name, controller: name, priority }, depth);
  }

  queueAdded(name: string): void {
    this.#sink.increment('workqueue_adds_total', { name, controller: name }, 1);
  }

  queueRetried(name: string): void {
    this.#sink.increment('workqueue_retries_total', { name, controller: name }, 1);
  }

  queueTaken(name: string, waitedSeconds: number): void {
    this.#sink.observe('workqueue_queue_duration_seconds', { name, controller: name }, waitedSeconds);
  }

  queueDone(name: string, workedSeconds: number): void {
    this.#sink.observe('workqueue_work_duration_seconds', { name, controller: name }, workedSeconds);
  }

  queueUnfinished(name: string, totalSeconds: number, longestSeconds: number): void {
    this.#sink.set('workqueue_unfinished_work_seconds', { name, controller: name }, totalSeconds);
    this.#sink.set('workqueue_longest_running_processor_seconds', { name, controller: name }, longestSeconds);
  }

  /** All result series exist from the start, so that a rate over the first error is not lost. */
  controllerStarted(controller: string, concurrency: number): void {
    for (const result of ['success', 'error', 'requeue_after', 'requeue']) {
      this.#sink.increment('controller_runtime_reconcile_total', { controller, result }, 0);
    }
    this.#sink.increment('controller_runtime_reconcile_errors_total', { controller }, 0);
    this.#sink.increment('controller_runtime_terminal_reconcile_errors_total', { controller }, 0);
    this.#sink.increment('controller_runtime_reconcile_timeouts_total', { controller }, 0);
    this.#sink.set('controller_runtime_max_concurrent_reconciles', { controller }, concurrency);
    this.activeWorkers(controller, 0);
  }

  activeWorkers(controller: string, count: number): void {
    this.#sink.set('controller_runtime_active_workers', { controller }, count);
  }

  reconciled(controller: string, result: ReconcileOutcome, seconds: number): void {
    this.#sink.increment('controller_runtime_reconcile_total', { controller, result }, 1);
    this.#sink.observe('controller_runtime_reconcile_time_seconds', { controller }, seconds);
    if (result === 'error') this.#sink.increment('controller_runtime_reconcile_errors_total', { controller }, 1);
  }

  reconcileTerminal(controller: string): void {
    this.#sink.increment('controller_runtime_terminal_reconcile_errors_total', { controller }, 1);
  }

  reconcileTimedOut(controller: string): void {
    this.#sink.increment('controller_runtime_reconcile_timeouts_total', { controller }, 1);
  }

  staleCache(controller: string, result: 'waiting' | 'expired'): void {
    this.#sink.increment('kube_stale_cache_requeues_total', { controller, result }, 1);
  }

  leading(name: string, state: 'leader' | 'follower'): void {
    this.#sink.set('leader_election_master_status', { name }, state === 'leader' ? 1 : 0);
  }

  informerObjects(resource: string, count: number): void {
    this.#sink.set('kube_informer_objects', { resource }, count);
  }

  informerListed(resource: string, result: 'success' | 'error'): void {
    this.#sink.increment('kube_informer_lists_total', { resource, result }, 1);
  }

  informerWatchEnded(resource: string, ended: string): void {
    this.#sink.increment('kube_informer_watches_total', { resource, ended }, 1);
  }

  informerEvent(resource: string, type: string): void {
    this.#sink.increment('kube_informer_events_total', { resource, type }, 1);
  }

  informerError(resource: string): void {
    this.#sink.increment('kube_informer_errors_total', { resource }, 1);
  }

  eventRecorded(result: 'sent' | 'dropped' | 'failed'): void {
    this.#sink.increment('kube_events_recorded_total', { result }, 1);
  }
}
