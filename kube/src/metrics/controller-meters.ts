import type { BindSeries, Series } from './series.ts';

export type ReconcileOutcome = 'success' | 'error' | 'requeue_after' | 'requeue';

/** The metrics of one controller. */
export class ControllerMeters {
  readonly #results: Readonly<Record<ReconcileOutcome, Series>>;
  readonly #stale: Readonly<Record<'waiting' | 'expired', Series>>;
  readonly #errors: Series;
  readonly #terminal: Series;
  readonly #panics: Series;
  readonly #timeouts: Series;
  readonly #time: Series;
  readonly #concurrency: Series;
  readonly #active: Series;
  readonly #abandoned: Series;
  readonly #sourceErrors: Series;

  constructor(bind: BindSeries, controller: string) {
    const labels = Object.freeze({ controller });
    const result = (outcome: ReconcileOutcome) => bind('controller_runtime_reconcile_total', Object.freeze({ controller, result: outcome }));
    const stale = (outcome: string) => bind('kube_stale_cache_requeues_total', Object.freeze({ controller, result: outcome }));
    this.#results = { success: result('success'), error: result('error'), requeue_after: result('requeue_after'), requeue: result('requeue') };
    this.#stale = { waiting: stale('waiting'), expired: stale('expired') };
    this.#errors = bind('controller_runtime_reconcile_errors_total', labels);
    this.#terminal = bind('controller_runtime_terminal_reconcile_errors_total', labels);
    this.#panics = bind('controller_runtime_reconcile_panics_total', labels);
    this.#timeouts = bind('controller_runtime_reconcile_timeouts_total', labels);
    this.#time = bind('controller_runtime_reconcile_time_seconds', labels);
    this.#concurrency = bind('controller_runtime_max_concurrent_reconciles', labels);
    this.#active = bind('controller_runtime_active_workers', labels);
    this.#abandoned = bind('kube_abandoned_reconciles', labels);
    this.#sourceErrors = bind('kube_source_errors_total', labels);
  }

  /** All series exist from the start, so that a rate over the first error is not lost. */
  start(concurrency: number): void {
    for (const series of [...Object.values(this.#results), ...Object.values(this.#stale), this.#errors, this.#terminal, this.#panics, this.#timeouts, this.#sourceErrors]) series.increment(0);
    this.#concurrency.set(concurrency);
    this.active(0);
    this.abandoned(0);
  }

  active(count: number): void {
    this.#active.set(count);
  }

  abandoned(count: number): void {
    this.#abandoned.set(count);
  }

  reconciled(outcome: ReconcileOutcome, seconds: number): void {
    this.#results[outcome].increment(1);
    this.#time.observe(seconds);
    if (outcome === 'error') this.#errors.increment(1);
  }

  terminal(): void {
    this.#terminal.increment(1);
  }

  panicked(): void {
    this.#panics.increment(1);
  }

  timedOut(): void {
    this.#timeouts.increment(1);
  }

  sourceFailed(): void {
    this.#sourceErrors.increment(1);
  }

  stale(outcome: 'waiting' | 'expired'): void {
    this.#stale[outcome].increment(1);
  }
}
