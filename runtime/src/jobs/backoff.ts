import type { Random } from '../platform/random.ts';

export interface Backoff {
  /** Milliseconds after the first failure. */
  readonly firstMs: number;
  /** Milliseconds at most. */
  readonly longestMs: number;
}

/** Milliseconds to wait after attempt number `attempt` (from 1): doubled each time, less up to one half by chance so that jobs that failed together do not return together. */
export function backoffDelay({ firstMs, longestMs }: Backoff, attempt: number, random: Pick<Random, 'fraction'>): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 1, 40));
  return Math.ceil(full * (1 - random.fraction() / 2));
}
