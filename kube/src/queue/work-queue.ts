import { systemClock } from '../clock-system.ts';
import type { Clock } from '../clock.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { DelayedItems } from './delayed-items.ts';
import { type Priority, ReadyList } from './ready-list.ts';

export interface WorkQueueOptions {
  /** For metrics. */
  readonly name: string;
  readonly clock?: Clock;
  readonly metrics?: KubeMetrics;
  /** Delay after an item's first failure, milliseconds; default 5. It doubles with each further one. */
  readonly baseDelayMs?: number;
  /** Longest delay after failures, milliseconds; default 1 000 000, as in client-go. */
  readonly maxDelayMs?: number;
}

/**
 * client-go's rate-limited queue. An item waits at most once however often it is added; one that is being worked on is never handed
 * to a second worker, but comes again after `done` when it was added meanwhile. Items are told apart as Map keys are: use strings.
 */
export class WorkQueue<K> {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #metrics: KubeMetrics;
  readonly #baseDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #ready = new ReadyList<K>();
  readonly #addedAt = new Map<K, number>();
  /** Being worked on, since when. */
  readonly #processing = new Map<K, number>();
  /** Added while being worked on. */
  readonly #dirty = new Map<K, Priority>();
  readonly #failures = new Map<K, number>();
  readonly #delayed: DelayedItems<K>;
  readonly #waiting = new Set<() => void>();
  readonly #stopProbe: () => void;
  #state: 'open' | 'shut down' = 'open';

  constructor(options: WorkQueueOptions) {
    this.#name = options.name;
    this.#clock = options.clock ?? systemClock;
    this.#metrics = options.metrics ?? new KubeMetrics();
    this.#baseDelayMs = options.baseDelayMs ?? 5;
    this.#maxDelayMs = options.maxDelayMs ?? 1_000_000;
    this.#delayed = new DelayedItems<K>(this.#clock, (item) => this.add(item));
    this.#stopProbe = this.#metrics.onCollect(() => this.#measure());
  }

  /** Items ready for a worker; those delayed or being worked on are not counted. */
  get length(): number {
    return this.#ready.size;
  }

  /** Makes an item due now. Does nothing after {@link shutDown}. */
  add(item: K, priority: Priority = 'change'): void {
    if (this.#state === 'shut down') return;
    if (this.#processing.has(item)) {
      const known = this.#dirty.get(item);
      if (known === undefined) this.#metrics.queueAdded(this.#name);
      this.#dirty.set(item, known === 'change' ? 'change' : priority);
      return;
    }
    if (!this.#addedAt.has(item)) this.#metrics.queueAdded(this.#name);
    this.#makeReady(item, priority);
  }

  /** Makes an item due in `ms` milliseconds, or at the earlier time it was given before. */
  addAfter(item: K, ms: number): void {
    if (this.#state === 'shut down') return;
    if (ms <= 0) this.add(item);
    else this.#delayed.add(item, ms);
  }

  /** Makes an item due after its failure delay, which doubles at each call until {@link forget}. */
  addRateLimited(item: K): void {
    const failures = this.#failures.get(item) ?? 0;
    this.#failures.set(item, failures + 1);
    this.#metrics.queueRetried(this.#name);
    this.addAfter(item, Math.min(this.#maxDelayMs, this.#baseDelayMs * 2 ** Math.min(failures, 40)));
  }

  /** Clears an item's failures, as it has succeeded. */
  forget(item: K): void {
    this.#failures.delete(item);
  }

  /** Failures since the last {@link forget}. */
  retries(item: K): number {
    return this.#failures.get(item) ?? 0;
  }

  /** Waits for an item, which must be given back with {@link done}. undefined once shut down and empty; rejects when `signal` aborts. */
  async get({ signal }: { signal: AbortSignal }): Promise<K | undefined> {
    for (;;) {
      if (signal.aborted) {
        // The wake-up may have been for this caller; it must not be lost with it.
        this.#wakeOne();
        throw signal.reason as Error;
      }
      const taken = this.#ready.take();
      if (taken) return this.#start(taken.item);
      if (this.#state === 'shut down') return undefined;
      await this.#somethingReady(signal);
    }
  }

  /** The worker is finished with `item`; it comes again when it was added meanwhile. */
  done(item: K): void {
    const started = this.#processing.get(item);
    if (started === undefined) return;
    this.#processing.delete(item);
    this.#metrics.queueDone(this.#name, (this.#clock.monotonic() - started) / 1000);
    const priority = this.#dirty.get(item);
    this.#dirty.delete(item);
    // Not refused after shutDown: client-go, too, lets what was accepted before be worked off.
    if (priority !== undefined) this.#makeReady(item, priority);
  }

  /** Takes no more items, drops the delayed ones and lets workers empty the rest. */
  shutDown(): void {
    this.#state = 'shut down';
    this.#delayed.clear();
    this.#stopProbe();
    this.#wakeAll();
  }

  #makeReady(item: K, priority: Priority): void {
    if (!this.#ready.put(item, priority)) return;
    if (!this.#addedAt.has(item)) this.#addedAt.set(item, this.#clock.monotonic());
    this.#measureDepth();
    this.#wakeOne();
  }

  #wakeOne(): void {
    const first = this.#waiting.values().next();
    if (!first.done && this.#ready.size > 0) first.value();
  }

  #start(item: K): K {
    const now = this.#clock.monotonic();
    this.#metrics.queueTaken(this.#name, (now - (this.#addedAt.get(item) ?? now)) / 1000);
    this.#addedAt.delete(item);
    this.#processing.set(item, now);
    this.#measureDepth();
    return item;
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

  #measureDepth(): void {
    this.#metrics.queueDepth(this.#name, 'change', this.#ready.count('change'));
    this.#metrics.queueDepth(this.#name, 'resync', this.#ready.count('resync'));
  }

  #measure(): void {
    const now = this.#clock.monotonic();
    let total = 0;
    let longest = 0;
    for (const started of this.#processing.values()) {
      const age = (now - started) / 1000;
      total += age;
      longest = Math.max(longest, age);
    }
    this.#metrics.queueUnfinished(this.#name, total, longest);
  }
}
