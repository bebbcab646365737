import type { Clock } from '../clock.ts';

export interface TokenBucketOptions {
  /** Tokens that come back, per second; above 0. */
  readonly perSecond: number;
  /** Tokens when full; at least 1. */
  readonly burst: number;
}

/** Spreads what comes in floods: each caller is told how long to wait for its token, in order of asking. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #burst: number;
  /** Below 0: so many are promised to those who wait. */
  #tokens: number;
  #at: number;

  constructor(clock: Clock, { perSecond, burst }: TokenBucketOptions) {
    if (!(perSecond > 0) || !(burst >= 1)) throw new RangeError(`a limit of ${perSecond} per second with a burst of ${burst} lets nothing through; give perSecond above 0 and burst of 1 or more`);
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = clock.monotonic();
  }

  /** Takes a token, and returns the milliseconds until it is there. */
  reserve(): number {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond) - 1;
    this.#at = now;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSecond) * 1000;
  }
}
