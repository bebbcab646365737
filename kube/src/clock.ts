export interface Timer {
  cancel(): void;
}

/** The only source of time, so that tests own it. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch; may jump. */
  now(): number;
  /** Milliseconds from an arbitrary start; never jumps back. For durations and leases. */
  monotonic(): number;
  /** Resolves after `ms` (>= 0) milliseconds; rejects with the signal's reason as soon as it aborts, leaving no timer. */
  sleep(ms: number, options: { signal: AbortSignal }): Promise<void>;
  /** Calls `callback` once after `ms` milliseconds unless cancelled. */
  setTimer(ms: number, callback: () => void): Timer;
}
