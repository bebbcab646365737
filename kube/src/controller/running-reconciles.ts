import type { Clock, Timer } from '../clock.ts';

/** One call of a reconcile. */
export class Attempt {
  readonly key: string;
  /** Monotonic, milliseconds. */
  readonly started: number;
  /** Frees its worker. */
  readonly release: () => void;
  /** Its signal is made when first asked for: most reconciles find nothing to do and never wait. */
  readonly call: { readonly signal: AbortSignal };
  #controller: AbortController | undefined;
  #abort: { readonly reason: unknown } | undefined;

  constructor(key: string, started: number, release: () => void) {
    this.key = key;
    this.started = started;
    this.release = release;
    const signal = () => this.#signal();
    this.call = { get signal() { return signal(); } };
  }

  abort(reason: unknown): void {
    this.#abort ??= { reason };
    this.#controller?.abort(this.#abort.reason);
  }

  #signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abort) this.#controller.abort(this.#abort.reason);
    }
    return this.#controller.signal;
  }
}

export interface RunningReconcilesOptions {
  readonly clock: Clock;
  /** Milliseconds until an attempt's signal aborts. */
  readonly deadlineMs: number;
  /** Milliseconds that it then gets to end. */
  readonly graceMs: number;
  readonly onExpired: (attempt: Attempt) => void;
  /** It goes on although its signal aborted `graceMs` ago. */
  readonly onAbandoned: (attempt: Attempt) => void;
}

/** The reconciles that run, and what becomes of those that overrun. All have the same deadline, so they expire in order and one timer is enough. */
export class RunningReconciles {
  readonly #options: RunningReconcilesOptions;
  readonly #running = new Set<Attempt>();
  readonly #expired = new Set<Attempt>();
  readonly #abandoned = new Set<Attempt>();
  #timer: Timer | undefined;

  constructor(options: RunningReconcilesOptions) {
    this.#options = options;
  }

  /** Attempts that hold a worker. */
  get active(): number {
    return this.#running.size + this.#expired.size;
  }

  get abandoned(): readonly Attempt[] {
    return [...this.#abandoned];
  }

  start(key: string, release: () => void): Attempt {
    const attempt = new Attempt(key, this.#options.clock.monotonic(), release);
    this.#running.add(attempt);
    this.#arm();
    return attempt;
  }

  /** Returns what state it was in. */
  end(attempt: Attempt): 'in time' | 'expired' | 'abandoned' {
    if (this.#running.delete(attempt)) return 'in time';
    if (this.#expired.delete(attempt)) return 'expired';
    this.#abandoned.delete(attempt);
    return 'abandoned';
  }

  abortAll(reason: unknown): void {
    for (const attempt of this.#running) attempt.abort(reason);
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** The timer is left alone when an attempt ends: it wakes up once in a deadline at most, and finds the next to wait for. */
  #arm(): void {
    if (this.#timer !== undefined) return;
    const { clock, deadlineMs, graceMs } = this.#options;
    const [running] = this.#running;
    const [expired] = this.#expired;
    if (!running && !expired) return;
    const due = Math.min(running ? running.started + deadlineMs : Infinity, expired ? expired.started + deadlineMs + graceMs : Infinity);
    this.#timer = clock.setTimer(Math.max(0, Math.ceil(due - clock.monotonic())), () => this.#fire());
  }

  #fire(): void {
    const { clock, deadlineMs, graceMs, onExpired, onAbandoned } = this.#options;
    this.#timer = undefined;
    const started = clock.monotonic() - deadlineMs;
    for (const attempt of this.#running) {
      if (attempt.started > started) break;
      this.#running.delete(attempt);
      this.#expired.add(attempt);
      attempt.abort(new DOMException(`the deadline of ${deadlineMs} ms passed`, 'TimeoutError'));
      onExpired(attempt);
    }
    for (const attempt of this.#expired) {
      if (attempt.started > started - graceMs) break;
      this.#expired.delete(attempt);
      this.#abandoned.add(attempt);
      onAbandoned(attempt);
    }
    this.#arm();
  }
}
