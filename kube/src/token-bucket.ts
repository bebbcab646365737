import type { Clock } from './clock.ts';

export interface TokenBucketOptions {
  /** Tokens that come back, per second; above 0. */
  readonly perSecond: number;
  /** Tokens when full; at least 1. */
  readonly burst: number;
}

/** Bounds a rate, and lets what was saved up go at once. */
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

  /** Takes a token if one is there. */
  take(): 'taken' | 'none' {
    if (this.#count() < 1) return 'none';
    this.#tokens -= 1;
    return 'taken';
  }

  /** Takes a token, and returns the milliseconds until it is there: each caller waits behind those that asked before. */
  reserve(): number {
    const wait = this.waitMs(1);
    this.#tokens -= 1;
    return wait;
  }

  /** Milliseconds until `count` tokens are there, if nobody takes one; more than the burst never are, but follow one another at that time. */
  waitMs(count: number): number {
    return Math.max(0, ((count - this.#count()) / this.#perSecond) * 1000);
  }

  #count(): number {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    return this.#tokens;
  }
}
