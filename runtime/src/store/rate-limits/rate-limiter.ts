export interface RateRule {
  /** What may be taken at once. */
  readonly burst: number;
  /** Milliseconds in which as much as `burst` comes back. */
  readonly windowMs: number;
}

export interface RateDecision {
  readonly outcome: 'allowed' | 'limited';
  /** What is left to take now. */
  readonly remaining: number;
  /** Milliseconds until all of `burst` is there again. */
  readonly resetMs: number;
  /** Milliseconds until the same may be taken; 0 when it was allowed. Infinity when it is more than `burst`. */
  readonly retryAfterMs: number;
}

export interface RateLimiter {
  /** Takes `cost` if it is there, and nothing of it otherwise. */
  readonly take: (key: string, rule: RateRule, cost?: number) => Promise<RateDecision>;
}
