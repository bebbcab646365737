import type { Clock, Timer } from '../clock.ts';
import { TokenBucket } from '../token-bucket.ts';

export interface RateLimit {
  /** Calls per second in the long run; above 0. */
  readonly qps: number;
  /** Calls that may go at once after a pause; a whole number of at least 1. */
  readonly burst: number;
}

/** The wait that the limit asks for is longer than the call has left. */
export class RateLimitExceeded extends Error {
  readonly waitMs: number;

  constructor(waitMs: number) {
    super(`the client-side rate limit asks for a wait of ${Math.ceil(waitMs)} ms, longer than the call's deadline`);
    this.name = 'RateLimitExceeded';
    this.waitMs = waitMs;
  }
}

/** Callers wait for a token in the order they came; one that could not be served in time is told at once. */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  readonly #waiting = new Set<() => void>();
  #timer: Timer | undefined;

  constructor(limit: RateLimit, clock: Clock) {
    if (!(limit.qps > 0)) throw new RangeError(`rateLimit.qps is ${limit.qps}; give a number above 0, or leave rateLimit out for no limit`);
    if (!Number.isInteger(limit.burst) || limit.burst < 1) throw new RangeError(`rateLimit.burst is ${limit.burst}; give a whole number of at least 1`);
    this.#clock = clock;
    this.#bucket = new TokenBucket(clock, { perSecond: limit.qps, burst: limit.burst });
  }

  /** Resolves when the call may go. Rejects with RateLimitExceeded when that would be after `remainingMs`, or with the signal's reason. */
  take(options: { signal: AbortSignal; remainingMs: number }): Promise<void> {
    const { signal, remainingMs } = options;
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (this.#waiting.size === 0 && this.#bucket.take() === 'taken') return Promise.resolve();
    const waitMs = this.#bucket.waitMs(this.#waiting.size + 1);
    return waitMs > remainingMs ? Promise.reject(new RateLimitExceeded(waitMs)) : this.#queue(signal);
  }

  #queue(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const admit = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        this.#waiting.delete(admit);
        if (this.#waiting.size === 0) this.#disarm();
        reject(signal.reason as Error);
      };
      this.#waiting.add(admit);
      signal.addEventListener('abort', giveUp, { once: true });
      this.#arm();
    });
  }

  #arm(): void {
    // Rounded up: a timer that fires a hair early would find no token and spin.
    this.#timer ??= this.#clock.setTimer(Math.ceil(Math.max(1, this.#bucket.waitMs(1))), () => this.#serve());
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #serve(): void {
    this.#timer = undefined;
    for (const admit of this.#waiting) {
      if (this.#bucket.take() === 'none') break;
      this.#waiting.delete(admit);
      admit();
    }
    if (this.#waiting.size > 0) this.#arm();
  }
}
