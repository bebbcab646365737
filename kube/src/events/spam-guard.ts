import type { Clock } from '../clock.ts';
import { TokenBucket } from '../token-bucket.ts';

/** New events an object may have in a burst. */
const BURST = 25;
/** One more is allowed each time this passes, as in client-go. */
const REFILL_MS = 300_000;
const MAX_OBJECTS = 4096;

/** A token bucket per object, for a bounded number of objects: those not heard of longest are forgotten first. */
export class SpamGuard {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether `object` may have one more event; counts it when so. */
  admit(object: string): boolean {
    const bucket = this.#buckets.get(object) ?? new TokenBucket(this.#clock, { perSecond: 1000 / REFILL_MS, burst: BURST });
    this.#buckets.delete(object);
    this.#buckets.set(object, bucket);
    this.#evict();
    return bucket.take() === 'taken';
  }

  #evict(): void {
    if (this.#buckets.size <= MAX_OBJECTS) return;
    const oldest = this.#buckets.keys().next();
    if (!oldest.done) this.#buckets.delete(oldest.value);
  }
}
