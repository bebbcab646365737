import { between, type Random } from './random.ts';

export interface BackoffOptions {
  /** First delay, milliseconds. */
  readonly baseMs: number;
  /** Longest delay before jitter, milliseconds. */
  readonly maxMs: number;
  readonly random: Random;
}

/** Delays that double from `baseMs` to `maxMs`, each spread over 75 % to 125 % so that clients do not return in step. */
export class Backoff {
  readonly #options: BackoffOptions;
  #attempts = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  next(): number {
    const { baseMs, maxMs, random } = this.#options;
    // 2 ** 30 ms is far above any maxMs; without the bound the power would reach Infinity.
    const delay = Math.min(maxMs, baseMs * 2 ** Math.min(this.#attempts, 30));
    this.#attempts += 1;
    return between(random, delay * 0.75, delay * 1.25);
  }

  reset(): void {
    this.#attempts = 0;
  }
}
