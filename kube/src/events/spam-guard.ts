import type { Clock } from '../clock.ts';

/** New events an object may have in a burst. */
const BURST = 25;
/** One more is allowed each time this passes, as in client-go. */
const REFILL_MS = 300_000;
const MAX_OBJECTS = 4096;

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** A token bucket per object, for a bounded number of objects: those not heard of longest are forgotten first. */
export class SpamGuard {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether `object` may have one more event; counts it when so. */
  admit(object: string): boolean {
    const now = this.#clock.monotonic();
    const known = this.#buckets.get(object) ?? { tokens: BURST, at: now };
    const tokens = Math.min(BURST, known.tokens + (now - known.at) / REFILL_MS);
    this.#buckets.delete(object);
    this.#buckets.set(object, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    this.#evict();
    return tokens >= 1;
  }

  #evict(): void {
    if (this.#buckets.size <= MAX_OBJECTS) return;
    const oldest = this.#buckets.keys().next();
    if (!oldest.done) this.#buckets.delete(oldest.value);
  }
}
