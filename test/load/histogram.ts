/** Each bucket is 2 % wider than the one below it, so a quantile is at most 2 % off. */
const GROWTH = 1.02;
const LOWEST_MS = 0.1;
const HIGHEST_MS = 600_000;
const BUCKETS = Math.ceil(Math.log(HIGHEST_MS / LOWEST_MS) / Math.log(GROWTH)) + 1;

/** Counts of latencies in milliseconds, in a fixed amount of memory. */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;

  add(milliseconds: number): void {
    const bucket = Math.ceil(Math.log(Math.max(milliseconds, LOWEST_MS) / LOWEST_MS) / Math.log(GROWTH));
    const at = Math.min(BUCKETS - 1, bucket);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#total += 1;
  }

  /** The latency that a share `q` (0 to 1) of the requests did not exceed, in milliseconds; null without any. */
  quantile(q: number): number | null {
    if (this.#total === 0) return null;
    const rank = Math.max(1, Math.ceil(q * this.#total));
    let seen = 0;
    const bucket = this.#counts.findIndex((count) => (seen += count) >= rank);
    return Number((LOWEST_MS * GROWTH ** bucket).toPrecision(3));
  }
}
