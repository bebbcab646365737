import { systemClock } from '../clock-system.ts';
import type { Clock } from '../clock.ts';
import type { SourceWrites, Source } from './source.ts';
import type { WriteTracker } from '../consistency/write-tracker.ts';
import { LeadershipLostError } from '../election/leadership-lost.ts';
import { isConflict, isTransient } from '../kube-error.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { formatKey, type ObjectKey, parseKey } from '../object.ts';
import type { Priority } from '../queue/ready-list.ts';
import { WorkQueue } from '../queue/work-queue.ts';
import { systemRandom } from '../random-system.ts';
import { between, type Random } from '../random.ts';
import { type Deadline, startDeadline } from '../deadline.ts';
import { type Reconcile, type ReconcileResult, TerminalError } from './reconcile.ts';

/** How soon to look again whether the cache has caught up with an own write: a watch usually delivers within a few milliseconds. */
const STALE_RETRY_MS = 20;

export interface ControllerOptions {
  /** For logs and metrics. */
  readonly name: string;
  readonly reconcile: Reconcile;
  readonly sources: readonly Source[];
  /** Reconciles at the same time, never two of one key; default 1. */
  readonly concurrency?: number;
  /** The tracker the KubeClient writes to; without it a reconcile may see a state older than its own last write. */
  readonly writes?: WriteTracker;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly metrics?: KubeMetrics;
  /** Milliseconds after which a reconcile's signal aborts; default 60 000. */
  readonly reconcileDeadlineMs?: number;
  /** Milliseconds between looks at everything, spread by 10 %; default 600 000. */
  readonly resyncMs?: number;
  /** Milliseconds to wait for the first lists; default 120 000. */
  readonly cacheSyncTimeoutMs?: number;
  /** Milliseconds that running reconciles get to end when stopped, before their signals abort; default 20 000. */
  readonly drainMs?: number;
  /** Of the delay after failures, milliseconds; defaults 5 and 1 000 000. */
  readonly baseDelayMs?: number;
  readonly maxDelayMs?: number;
}

/** Calls `reconcile` for every key that something happened to: one at a time per key, again after failures, never on a cache older than its own writes. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: KubeMetrics;
  readonly #queue: WorkQueue<string>;
  readonly #running = new Set<Deadline>();
  readonly #hardStop = new AbortController();
  #writes: readonly SourceWrites[] = [];
  #state: 'new' | 'started' = 'new';

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#metrics = options.metrics ?? new KubeMetrics();
    this.#queue = new WorkQueue<string>({
      name: options.name, clock: this.#clock, metrics: this.#metrics,
      ...(options.baseDelayMs === undefined ? {} : { baseDelayMs: options.baseDelayMs }),
      ...(options.maxDelayMs === undefined ? {} : { maxDelayMs: options.maxDelayMs }),
    });
  }

  /** Asks for a reconcile of `key`, now or after `afterMs` milliseconds. */
  enqueue(key: ObjectKey, options: { readonly afterMs?: number; readonly priority?: Priority } = {}): void {
    if (options.afterMs) this.#queue.addAfter(formatKey(key), options.afterMs);
    else this.#queue.add(formatKey(key), options.priority);
  }

  /** Waits for the caches and reconciles until `signal` aborts; then lets running reconciles end. Throws when a cache does not fill in time, or on a second run. */
  async run({ signal }: { signal: AbortSignal }): Promise<void> {
    if (this.#state !== 'new') throw new Error(`controller '${this.#options.name}' was started before; make a new one`);
    this.#state = 'started';
    const concurrency = this.#options.concurrency ?? 1;
    this.#metrics.controllerStarted(this.#options.name, concurrency);
    const { writes, sources } = this.#options;
    this.#writes = writes ? sources.map((each) => each.followWrites(writes)) : [];
    const detach = sources.map((each) => each.attach((key, priority) => this.enqueue(key, { priority })));
    const background = new AbortController();
    try {
      await this.#waitForCaches(signal);
      const resync = this.#resyncUntil(AbortSignal.any([signal, background.signal]));
      const workers = Array.from({ length: concurrency }, () => this.#work(signal));
      await this.#drained(Promise.all(workers), signal);
      background.abort();
      await resync;
    } finally {
      background.abort();
      for (const end of detach) end();
      for (const view of this.#writes) view.close();
      this.#queue.shutDown();
    }
  }

  async #waitForCaches(signal: AbortSignal): Promise<void> {
    const ms = this.#options.cacheSyncTimeoutMs ?? 120_000;
    const deadline = startDeadline(this.#clock, signal, ms);
    try {
      for (const each of this.#options.sources) {
        await each.whenSynced({ signal: deadline.signal }).catch((error: unknown) => {
          if (signal.aborted) return;
          throw new Error(`controller '${this.#options.name}': the cache of ${each.resource} did not fill within ${ms} ms; run its informer and look at its errors (RBAC?)`, { cause: error });
        });
      }
    } finally {
      deadline.clear();
    }
  }

  async #resyncUntil(signal: AbortSignal): Promise<void> {
    const every = this.#options.resyncMs ?? 600_000;
    const random = this.#options.random ?? systemRandom;
    for (;;) {
      await this.#clock.sleep(between(random, every * 0.9, every * 1.1), { signal }).catch(() => {});
      if (signal.aborted) return;
      for (const each of this.#options.sources) each.resync((key, priority) => this.enqueue(key, { priority }));
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const key = await this.#queue.get({ signal }).catch(() => undefined);
      if (key === undefined) return;
      try {
        if (!this.#isBehind(key)) await this.#process(key);
      } finally {
        this.#queue.done(key);
      }
    }
  }

  /** Resolves when the workers have ended; a reconcile that ignores its signal is left behind after a further drain time. */
  async #drained(workers: Promise<unknown>, signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const overtime = (async () => {
      if (!signal.aborted) await new Promise<void>((resolve) => { signal.addEventListener('abort', () => resolve(), { once: true }); });
      // A deposed leader must not go on acting, so it gets no time to finish.
      const ms = signal.reason instanceof LeadershipLostError ? 0 : (this.#options.drainMs ?? 20_000);
      if (ms > 0) await this.#clock.sleep(ms, { signal: ended.signal }).catch(() => {});
      this.#hardStop.abort(signal.reason);
      await this.#clock.sleep(Math.max(ms, 5_000), { signal: ended.signal }).catch(() => {});
      if (!ended.signal.aborted) this.#logger.error({ controller: this.#options.name }, 'reconciles ignore their signal; leaving them behind');
    })();
    await Promise.race([workers, overtime]);
    ended.abort();
  }

  /** Puts a key off while a cache lags behind what this process wrote about it. */
  #isBehind(key: string): boolean {
    let behind = false;
    for (const view of this.#writes) {
      const { keys, expired } = view.behind();
      for (let given = 0; given < expired; given++) this.#metrics.staleCache(this.#options.name, 'expired');
      if (expired > 0) this.#logger.warn({ controller: this.#options.name, expired }, 'own writes were not seen in the cache in time; going on without');
      behind ||= keys.has(key);
    }
    if (!behind) return false;
    this.#metrics.staleCache(this.#options.name, 'waiting');
    this.#queue.addAfter(key, STALE_RETRY_MS);
    return true;
  }

  async #process(key: string): Promise<void> {
    const ms = this.#options.reconcileDeadlineMs ?? 60_000;
    const deadline = startDeadline(this.#clock, this.#hardStop.signal, ms);
    this.#running.add(deadline);
    this.#metrics.activeWorkers(this.#options.name, this.#running.size);
    const started = this.#clock.monotonic();
    const seconds = () => (this.#clock.monotonic() - started) / 1000;
    try {
      const result = await this.#options.reconcile(parseKey(key), { signal: deadline.signal });
      this.#succeeded(key, result, seconds());
    } catch (error) {
      if (deadline.expired()) this.#metrics.reconcileTimedOut(this.#options.name);
      this.#failed(key, error, seconds());
    } finally {
      deadline.clear();
      this.#running.delete(deadline);
      this.#metrics.activeWorkers(this.#options.name, this.#running.size);
    }
  }

  #succeeded(key: string, result: ReconcileResult, seconds: number): void {
    this.#queue.forget(key);
    const after = result.requeueAfterMs;
    this.#metrics.reconciled(this.#options.name, after === undefined ? 'success' : 'requeue_after', seconds);
    if (after !== undefined) this.#queue.addAfter(key, after);
  }

  #failed(key: string, error: unknown, seconds: number): void {
    this.#metrics.reconciled(this.#options.name, 'error', seconds);
    if (this.#hardStop.signal.aborted) {
      this.#logger.debug({ controller: this.#options.name, key, err: error }, 'the stop ended a reconcile');
      return;
    }
    const fields = { controller: this.#options.name, key, err: error, failures: this.#queue.retries(key) + 1 };
    if (error instanceof TerminalError) {
      this.#metrics.reconcileTerminal(this.#options.name);
      this.#queue.forget(key);
      this.#logger.error(fields, 'the reconcile failed for good; waiting for a change');
      return;
    }
    if (isConflict(error) || isTransient(error)) this.#logger.warn(fields, 'the reconcile met a passing fault and is tried again');
    else this.#logger.error(fields, 'the reconcile failed and is tried again');
    this.#queue.addRateLimited(key);
  }
}
