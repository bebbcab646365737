import { systemClock } from '../clock-system.ts';
import type { Clock } from '../clock.ts';
import type { SourceWrites, Source } from './source.ts';
import type { WriteTracker } from '../consistency/write-tracker.ts';
import { LeadershipLostError } from '../election/leadership-lost.ts';
import { isConflict, isTransient, KubeError } from '../kube-error.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { ControllerMeters } from '../metrics/controller-meters.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { formatKey, type ObjectKey, parseKey } from '../object.ts';
import { DelayedItems } from '../queue/delayed-items.ts';
import type { Priority } from '../queue/ready-list.ts';
import type { TokenBucketOptions } from '../token-bucket.ts';
import { WorkQueue } from '../queue/work-queue.ts';
import { systemRandom } from '../random-system.ts';
import { between, type Random } from '../random.ts';
import { startDeadline } from '../deadline.ts';
import { PutOffKeys } from './put-off-keys.ts';
import { checkResult, isPanic, type Reconcile, type ReconcileResult, TerminalError } from './reconcile.ts';
import { type Attempt, RunningReconciles } from './running-reconciles.ts';
import { WorkerPool } from './worker-pool.ts';

/** Time for a stopped reconcile to notice: with `drainMs` and what is left to do after, it must fit into the 30 s that a pod gets. */
const STOP_GRACE_MS = 5_000;
/** Reconciles that ignore their deadline, left behind for each worker. */
const MAX_ABANDONED_PER_WORKER = 10;

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
  /**
   * Milliseconds that a reconcile gets to end after its signal aborted; default 10 000. Then its worker goes on with other keys, while its own
   * key is left alone until it ends.
   */
  readonly abandonAfterMs?: number;
  /** Milliseconds between looks at everything, spread by 10 %; default 600 000. */
  readonly resyncMs?: number;
  /** Milliseconds to wait for the first lists; default 120 000. */
  readonly cacheSyncTimeoutMs?: number;
  /** Milliseconds that running reconciles get to end when stopped, before their signals abort; default 15 000. They are left behind 5 s after that. */
  readonly drainMs?: number;
  /** Of the delay after failures, milliseconds; defaults 5 and 1 000 000. */
  readonly baseDelayMs?: number;
  readonly maxDelayMs?: number;
  /**
   * Which time counts where several results ask to look again at a key: the `Earliest` of them (default, as in controller-runtime), or that of the `Latest`
   * result alone. The latter is for a reconcile that says each time all that it waits for: what has come to rest is not looked at once more for a wait of before.
   */
  readonly waits?: 'Earliest' | 'Latest';
  /** Limits retries over all keys together; default: none, see {@link WorkQueue}. */
  readonly retryLimit?: TokenBucketOptions;
}

/** Calls `reconcile` for every key that something happened to: one at a time per key, again after failures, never on a cache older than its own writes. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #concurrency: number;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #meters: ControllerMeters;
  readonly #queue: WorkQueue<string>;
  readonly #reconciles: RunningReconciles;
  readonly #pool: WorkerPool;
  /** Keys that wait for a cache to see this process's own writes. */
  readonly #putOff: PutOffKeys;
  /** Where the latest result counts alone: when it asked to look again. */
  readonly #waits: DelayedItems<string>;
  #writes: readonly SourceWrites[] = [];
  #state: 'new' | 'waiting for caches' | 'running' | 'stopping' | 'stopped' = 'new';

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#concurrency = options.concurrency ?? 1;
    if (!(Number.isInteger(this.#concurrency) && this.#concurrency >= 1)) throw new RangeError(`controller '${options.name}': concurrency is ${this.#concurrency}; give a whole number of 1 or more`);
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    const metrics = options.metrics ?? new KubeMetrics();
    this.#meters = new ControllerMeters((name, labels) => metrics.bind(name, labels), options.name);
    this.#queue = new WorkQueue<string>({
      name: options.name, clock: this.#clock, metrics,
      ...(options.baseDelayMs === undefined ? {} : { baseDelayMs: options.baseDelayMs }),
      ...(options.maxDelayMs === undefined ? {} : { maxDelayMs: options.maxDelayMs }),
      ...(options.retryLimit === undefined ? {} : { retryLimit: options.retryLimit }),
    });
    this.#waits = new DelayedItems<string>(this.#clock, (key, priority) => this.#queue.add(key, priority));
    this.#reconciles = new RunningReconciles({
      clock: this.#clock, deadlineMs: options.reconcileDeadlineMs ?? 60_000, graceMs: options.abandonAfterMs ?? 10_000,
      onExpired: () => this.#meters.timedOut(), onAbandoned: (attempt) => this.#abandon(attempt),
    });
    this.#pool = new WorkerPool({
      queue: this.#queue, clock: this.#clock, concurrency: this.#concurrency,
      work: (key, release) => this.#work(key, release), onThrown: (key, error) => this.#notBegun(key, error),
    });
    this.#putOff = new PutOffKeys(this.#clock, (key, priority) => this.#queue.add(key, priority));
  }

  get name(): string {
    return this.#options.name;
  }

  /** Asks for a reconcile of `key`, now or after `afterMs` milliseconds. */
  enqueue(key: ObjectKey, options: { readonly afterMs?: number; readonly priority?: Priority } = {}): void {
    if (options.afterMs) this.#queue.addAfter(formatKey(key), options.afterMs, options.priority);
    else this.#queue.add(formatKey(key), options.priority);
  }

  /** What keeps it from working, for a health check: empty when nothing does, and while it was not started or has been stopped. */
  problems(): string[] {
    const { abandoned } = this.#reconciles;
    if (abandoned.length < this.#concurrency) return [];
    const keys = abandoned.slice(0, 3).map((attempt) => attempt.key).join(', ');
    return [`controller '${this.name}': ${abandoned.length} reconciles ignore their deadline (${keys})`];
  }

  /** Waits for the caches and reconciles until `signal` aborts; then lets running reconciles end. Throws when a cache does not fill in time, or on a second run. */
  async run({ signal }: { signal: AbortSignal }): Promise<void> {
    if (this.#state !== 'new') throw new Error(`controller '${this.name}' was started before; make a new one`);
    this.#state = 'waiting for caches';
    this.#meters.start(this.#concurrency);
    const { writes, sources } = this.#options;
    const onError = (error: Error) => this.#sourceFailed(error);
    this.#writes = writes ? sources.map((each) => each.followWrites(writes, { onError, onCaughtUp: (key) => this.#putOff.caughtUp(key) })) : [];
    const detach = sources.map((each) => each.attach((key, priority) => this.#queue.add(formatKey(key), priority), onError));
    try {
      await this.#waitForCaches(signal);
      this.#state = 'running';
      if (!signal.aborted) this.#pool.start();
      await this.#resyncUntil(signal);
      this.#state = 'stopping';
      this.#pool.stop();
      await this.#drain(signal.reason);
    } finally {
      this.#state = 'stopped';
      for (const end of detach) end();
      for (const view of this.#writes) view.close();
      this.#reconciles.close();
      this.#putOff.clear();
      this.#waits.clear();
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
          throw new Error(`controller '${this.name}': the cache of ${each.resource} did not fill within ${ms} ms; run its informer and look at its errors (RBAC?)`, { cause: error });
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
      for (const each of this.#options.sources) each.resync((key, priority) => this.enqueue(key, { priority }), (error) => this.#sourceFailed(error));
    }
  }

  /** Called in the middle of a handler, a resync or a write: a logger that fails must not make these fail. */
  #sourceFailed(error: Error): void {
    this.#meters.sourceFailed();
    try {
      this.#logger.error({ controller: this.name, err: error }, 'a function of a source failed; the object it failed on is passed over');
    } catch {
      // It was counted, and there is nobody left to tell.
    }
  }

  /** Lets running reconciles end, then aborts them; one that ignores its signal is left behind. */
  async #drain(reason: unknown): Promise<void> {
    const idle = new AbortController();
    void this.#pool.whenIdle().then(() => idle.abort());
    // A deposed leader must not go on acting, so it gets no time to finish.
    const ms = reason instanceof LeadershipLostError ? 0 : (this.#options.drainMs ?? 15_000);
    if (ms > 0) await this.#clock.sleep(ms, { signal: idle.signal }).catch(() => {});
    if (idle.signal.aborted) return;
    this.#reconciles.abortAll(reason);
    await this.#clock.sleep(STOP_GRACE_MS, { signal: idle.signal }).catch(() => {});
    if (!idle.signal.aborted) this.#logger.error({ controller: this.name, busy: this.#pool.busy }, 'reconciles ignore their signal; leaving them behind');
  }

  #work(key: string, release: () => void): void {
    if (this.#isBehind(key)) {
      this.#queue.done(key);
      release();
      return;
    }
    // What is thrown after the outcome is settled comes from a broken logger or sink; the key is taken care of by then.
    void this.#process(key, release).catch(() => {}).finally(release);
  }

  /** Something other than the reconcile failed, so that it could not begin. */
  #notBegun(key: string, error: unknown): void {
    this.#queue.addRateLimited(key);
    this.#logger.error({ controller: this.name, key, err: error }, 'the reconcile could not begin and is tried again');
  }

  /** Puts a key off while a cache lags behind what this process wrote about it. */
  #isBehind(key: string): boolean {
    if (this.#writes.length === 0) return false;
    const priority = this.#putOff.take(key, this.#queue.priorityOf(key));
    let behind = false;
    for (const view of this.#writes) {
      behind = view.isBehind(key) || behind;
      this.#reportExpired(view.takeExpired());
    }
    if (!behind) {
      this.#putOff.forget(key);
      return false;
    }
    this.#putOff.putOff(key, priority);
    this.#meters.stale('waiting');
    return true;
  }

  #reportExpired(expired: number): void {
    if (expired === 0) return;
    for (let given = 0; given < expired; given++) this.#meters.stale('expired');
    this.#logger.warn({ controller: this.name, expired }, 'own writes were not seen in the cache in time; going on without');
  }

  async #process(key: string, release: () => void): Promise<void> {
    const attempt = this.#reconciles.start(key, release);
    this.#meters.active(this.#reconciles.active);
    try {
      this.#succeeded(attempt, checkResult(await this.#options.reconcile(parseKey(key), attempt.call)));
    } catch (error) {
      this.#failed(attempt, error);
    } finally {
      this.#ended(attempt);
    }
  }

  #ended(attempt: Attempt): void {
    attempt.release();
    this.#queue.done(attempt.key);
    if (this.#reconciles.end(attempt) !== 'abandoned') return this.#meters.active(this.#reconciles.active);
    this.#meters.abandoned(this.#reconciles.abandoned.length);
    this.#logger.warn({ controller: this.name, key: attempt.key, seconds: this.#seconds(attempt) }, 'an abandoned reconcile has ended; its key is worked on again');
  }

  /** The worker goes on with other keys. This key stays taken, so that no second reconcile of it can begin. */
  #abandon(attempt: Attempt): void {
    this.#meters.abandoned(this.#reconciles.abandoned.length);
    this.#meters.active(this.#reconciles.active);
    // Each holds memory and perhaps a connection: beyond the bound one keeps its worker until it ends.
    if (this.#reconciles.abandoned.length <= MAX_ABANDONED_PER_WORKER * this.#concurrency) attempt.release();
    this.#logger.error(
      { controller: this.name, key: attempt.key, seconds: this.#seconds(attempt) },
      'a reconcile ignores its deadline: its key is not worked on until it ends; hand its signal to every call that waits',
    );
  }

  #seconds(attempt: Attempt): number {
    return (this.#clock.monotonic() - attempt.started) / 1000;
  }

  #succeeded(attempt: Attempt, result: ReconcileResult): void {
    const { key } = attempt;
    const { requeueAfterMs, requeue } = result;
    if (requeueAfterMs !== undefined || requeue === undefined) {
      this.#queue.forget(key);
      this.#lookAgainAfter(key, requeueAfterMs);
    } else {
      this.#queue.addRateLimited(key);
    }
    const outcome = requeueAfterMs !== undefined ? 'requeue_after' : requeue === undefined ? 'success' : 'requeue';
    this.#meters.reconciled(outcome, this.#seconds(attempt));
  }

  #lookAgainAfter(key: string, ms: number | undefined): void {
    const isLatest = this.#options.waits === 'Latest' && this.#state !== 'stopped';
    if (isLatest) this.#waits.remove(key);
    if (ms === undefined) return;
    if (isLatest && ms > 0) this.#waits.add(key, ms, 'change');
    else this.#queue.addAfter(key, ms);
  }

  #failed(attempt: Attempt, error: unknown): void {
    const { key } = attempt;
    const terminal = error instanceof TerminalError;
    if (terminal) this.#queue.forget(key);
    else this.#queue.addRateLimited(key, { atLeastMs: error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0 });
    this.#meters.reconciled('error', this.#seconds(attempt));
    if (terminal) this.#meters.terminal();
    if (isPanic(error)) this.#meters.panicked();
    this.#logFailure(key, error);
  }

  #logFailure(key: string, error: unknown): void {
    const fields = { controller: this.name, key, err: error, failures: this.#queue.retries(key) };
    if (this.#state === 'stopping' || this.#state === 'stopped') this.#logger.debug(fields, 'the stop ended a reconcile');
    else if (error instanceof TerminalError) this.#logger.error(fields, 'the reconcile failed for good; waiting for a change');
    else if (isConflict(error) || isTransient(error)) this.#logger.warn(fields, 'the reconcile met a passing fault and is tried again');
    else this.#logger.error(fields, 'the reconcile failed and is tried again');
  }
}
