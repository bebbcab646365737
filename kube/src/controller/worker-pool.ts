import { setImmediate as nextTurn } from 'node:timers';
import type { Clock } from '../clock.ts';
import type { WorkQueue } from '../queue/work-queue.ts';

/** Milliseconds of beginning items before everything else in the process gets its turn: reconciles that never wait must not hold up sockets and timers. */
const TURN_MS = 8;

export interface WorkerPoolOptions {
  readonly queue: WorkQueue<string>;
  readonly clock: Clock;
  readonly concurrency: number;
  /** Begins to work on an item; calls `release` once the worker is free again. When it throws, the worker is freed and the item given back. */
  readonly work: (item: string, release: () => void) => void;
  /** Told of what `work` threw, before the item is given back. */
  readonly onThrown: (item: string, error: unknown) => void;
}

/** Takes items from a queue, so many at a time. Workers that wait cost nothing: there are none. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  #busy = 0;
  /** When (monotonic) this turn began; undefined between turns. */
  #turnBegan: number | undefined;
  #wake: 'due' | 'none' = 'none';
  #state: 'stopped' | 'started' = 'stopped';
  #detach: () => void = () => {};
  #onIdle: (() => void)[] = [];

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  get busy(): number {
    return this.#busy;
  }

  start(): void {
    this.#state = 'started';
    this.#detach = this.#options.queue.onReady(() => this.#wakeUp());
    this.#wakeUp();
  }

  /** Takes nothing more. */
  stop(): void {
    this.#state = 'stopped';
    this.#detach();
  }

  /** Resolves when no worker is busy; after {@link stop}. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#busy === 0) resolve();
      else this.#onIdle.push(resolve);
    });
  }

  /** Not at once: whoever added the item finishes first. */
  #wakeUp(): void {
    if (this.#wake === 'due' || this.#state === 'stopped' || this.#busy >= this.#options.concurrency || this.#turnIsOver()) return;
    this.#wake = 'due';
    queueMicrotask(() => this.#fill());
  }

  /** While it is over, nothing is begun until the next one. */
  #turnIsOver(): boolean {
    return this.#turnBegan !== undefined && this.#options.clock.monotonic() - this.#turnBegan >= TURN_MS;
  }

  #beginTurn(): void {
    this.#turnBegan = this.#options.clock.monotonic();
    nextTurn(() => {
      this.#turnBegan = undefined;
      if (this.#options.queue.length > 0) this.#wakeUp();
    });
  }

  #fill(): void {
    this.#wake = 'none';
    const { queue, concurrency } = this.#options;
    while (this.#state === 'started' && this.#busy < concurrency && !this.#turnIsOver()) {
      const item = queue.take();
      if (item === undefined) return;
      if (this.#turnBegan === undefined) this.#beginTurn();
      this.#begin(item);
    }
  }

  #begin(item: string): void {
    this.#busy += 1;
    let held: 'held' | 'released' = 'held';
    const release = () => {
      if (held === 'released') return;
      held = 'released';
      this.#released();
    };
    try {
      this.#options.work(item, release);
    } catch (error) {
      this.#thrown(item, error);
      release();
    }
  }

  /** Whoever hears of it may fail as well, such as a logger whose disk is full: there is nobody left to tell. */
  #thrown(item: string, error: unknown): void {
    try {
      this.#options.onThrown(item, error);
    } catch {
      // Nothing to add: what matters is below.
    } finally {
      this.#options.queue.done(item);
    }
  }

  #released(): void {
    this.#busy -= 1;
    if (this.#busy === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
    if (this.#options.queue.length > 0) this.#wakeUp();
  }
}
