import { systemClock } from '../clock-system.ts';
import type { Clock } from '../clock.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { QueueMeters } from '../metrics/queue-meters.ts';
import { DelayedItems } from './delayed-items.ts';
import { type Priority, ReadyList } from './ready-list.ts';
import { TokenBucket, type TokenBucketOptions } from '../token-bucket.ts';

export interface WorkQueueOptions {
  /** For metrics. */
  readonly name: string;
  readonly clock?: Clock;
  readonly metrics?: KubeMetrics;
  /** Delay after an item's first failure, milliseconds; default 5. It doubles with each further one. */
  readonly baseDelayMs?: number;
  /** Longest delay after failures, milliseconds; default 1 000 000, as in client-go. */
  readonly maxDelayMs?: number;
  /**
   * Limits retries over all items together; controller-runtime's is 10 a second with a burst of 100. Off by default: the items' own delays
   * and the API server's priority and fairness spread retries already, and a common limit makes one that fails once wait for thousands that fail often.
   */
  readonly retryLimit?: TokenBucketOptions;
}

interface Processing {
  readonly since: number;
  /** With which it was taken. */
  readonly priority: Priority;
  /** Set when it was added while being worked on. */
  again: { priority: Priority; readonly since: number } | undefined;
}

/**
 * client-go's rate-limited queue. An item waits at most once however often it is added; one that is being worked on is never handed
 * to a second worker, but comes again after `done` when it was added meanwhile. Changes come before resyncs, but of 17 items taken at least
 * one is a resync when one waits. Items are told apart as Map keys are: use strings.
 */
export class WorkQueue<K> {
  readonly #clock: Clock;
  readonly #meters: QueueMeters;
  readonly #baseDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #retryLimit: TokenBucket | undefined;
  readonly #ready = new ReadyList<K>();
  readonly #processing = new Map<K, Processing>();
  readonly #failures = new Map<K, number>();
  readonly #delayed: DelayedItems<K>;
  readonly #waiting = new Set<() => void>();
  readonly #stopProbe: () => void;
  #listener: (() => void) | undefined;
  #state: 'open' | 'shut down' = 'open';

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock ?? systemClock;
    const metrics = options.metrics ?? new KubeMetrics();
    this.#meters = new QueueMeters((name, labels) => metrics.bind(name, labels), options.name);
    this.#meters.start();
    this.#baseDelayMs = options.baseDelayMs ?? 5;
    this.#maxDelayMs = options.maxDelayMs ?? 1_000_000;
    this.#retryLimit = options.retryLimit && new TokenBucket(this.#clock, options.retryLimit);
    this.#delayed = new DelayedItems<K>(this.#clock, (item, priority) => this.add(item, priority));
    this.#stopProbe = metrics.onCollect(() => this.#measure());
  }

  /** Items ready for a worker; those delayed or being worked on are not counted. */
  get length(): number {
    return this.#ready.size;
  }

  /** Everything this queue remembers, for bounds: waiting, delayed, being worked on, and items with failures. */
  get remembered(): number {
    return this.#ready.size + this.#delayed.size + this.#processing.size + this.#failures.size;
  }

  /** Makes an item due now. Does nothing after {@link shutDown}. */
  add(item: K, priority: Priority = 'change'): void {
    if (this.#state === 'shut down') return;
    const working = this.#processing.get(item);
    if (working === undefined) return this.#makeReady(item, priority, this.#clock.monotonic());
    if (working.again === undefined) {
      working.again = { priority, since: this.#clock.monotonic() };
      this.#meters.added();
    } else if (priority === 'change') {
      working.again.priority = 'change';
    }
  }

  /** Makes an item due in `ms` milliseconds, or at the earlier time it was given before. */
  addAfter(item: K, ms: number, priority: Priority = 'change'): void {
    if (this.#state === 'shut down') return;
    if (ms > 0) this.#delayed.add(item, ms, priority);
    else this.add(item, priority);
  }

  /** Makes an item due after its failure delay, which doubles at each call until {@link forget}; `atLeastMs` is a longer wait that was asked for. It keeps {@link priorityOf}. */
  addRateLimited(item: K, options: { readonly atLeastMs?: number } = {}): void {
    if (this.#state === 'shut down') return;
    const failures = this.#failures.get(item) ?? 0;
    this.#failures.set(item, failures + 1);
    this.#meters.retried();
    const own = Math.min(this.#maxDelayMs, this.#baseDelayMs * 2 ** Math.min(failures, 40));
    this.addAfter(item, Math.max(own, this.#retryLimit?.reserve() ?? 0, options.atLeastMs ?? 0), this.priorityOf(item));
  }

  /** Clears an item's failures, as it has succeeded. */
  forget(item: K): void {
    this.#failures.delete(item);
  }

  /** Failures since the last {@link forget}. */
  retries(item: K): number {
    return this.#failures.get(item) ?? 0;
  }

  /** With which an item that is being worked on was taken; of any other, that of a change. */
  priorityOf(item: K): Priority {
    return this.#processing.get(item)?.priority ?? 'change';
  }

  /** The next item, which must be given back with {@link done}; undefined when none is ready. */
  take(): K | undefined {
    const taken = this.#ready.take();
    if (taken === undefined) return undefined;
    const now = this.#clock.monotonic();
    this.#processing.set(taken.item, { since: now, priority: taken.priority, again: undefined });
    this.#meters.taken((now - taken.since) / 1000);
    this.#meters.depth(taken.priority, this.#ready.count(taken.priority));
    return taken.item;
  }

  /** Waits for an item, which must be given back with {@link done}. undefined once shut down and empty; rejects when `signal` aborts. */
  async get({ signal }: { signal: AbortSignal }): Promise<K | undefined> {
    for (;;) {
      if (signal.aborted) {
        // The wake-up may have been for this caller; it must not be lost with it.
        this.#wakeOne();
        throw signal.reason as Error;
      }
      const taken = this.take();
      if (taken !== undefined || this.#state === 'shut down') return taken;
      await this.#somethingReady(signal);
    }
  }

  /** Calls `listener` whenever an item becomes ready, for a caller that takes instead of waiting; one at a time. Returns what ends it. */
  onReady(listener: () => void): () => void {
    this.#listener = listener;
    return () => {
      if (this.#listener === listener) this.#listener = undefined;
    };
  }

  /** The worker is finished with `item`; it comes again when it was added meanwhile. */
  done(item: K): void {
    const working = this.#processing.get(item);
    if (working === undefined) return;
    this.#processing.delete(item);
    this.#meters.done((this.#clock.monotonic() - working.since) / 1000);
    // Not refused after shutDown: client-go, too, lets what was accepted before be worked off.
    if (working.again !== undefined) this.#put(item, working.again.priority, working.again.since);
  }

  /** Takes no more items, drops the delayed ones and lets workers empty the rest. */
  shutDown(): void {
    this.#state = 'shut down';
    this.#delayed.clear();
    this.#stopProbe();
    this.#wakeAll();
  }

  #makeReady(item: K, priority: Priority, since: number): void {
    if (this.#put(item, priority, since) === 'added') this.#meters.added();
  }

  #put(item: K, priority: Priority, since: number): 'added' | 'raised' | 'unchanged' {
    const change = this.#ready.put(item, priority, since);
    if (change === 'unchanged') return change;
    this.#meters.depth(priority, this.#ready.count(priority));
    if (change === 'raised') this.#meters.depth('resync', this.#ready.count('resync'));
    this.#wakeOne();
    this.#listener?.();
    return change;
  }

  #wakeOne(): void {
    if (this.#waiting.size === 0 || this.#ready.size === 0) return;
    const first = this.#waiting.values().next();
    if (!first.done) first.value();
  }

  #somethingReady(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake();
  }

  #measure(): void {
    const now = this.#clock.monotonic();
    let total = 0;
    let longest = 0;
    for (const { since } of this.#processing.values()) {
      const age = (now - since) / 1000;
      total += age;
      longest = Math.max(longest, age);
    }
    this.#meters.unfinished(total, longest);
  }
}
