import type { Random } from '../platform/random.ts';
import { backoffDelay, type Backoff } from './backoff.ts';
import type { Failure } from './job-store.ts';

export interface Attempt {
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly cancelRequested: boolean;
}

/** What becomes of a job whose attempt came to nothing. */
export type AfterAttempt = { readonly state: 'queued'; readonly delayMs: number } | { readonly state: 'failed' | 'dead' | 'cancelled' };

export interface RetryRules {
  readonly backoff: Backoff;
  readonly random: Pick<Random, 'fraction'>;
}

export function afterFailure(attempt: Attempt, failure: Pick<Failure, 'retry' | 'afterMs'>, rules: RetryRules): AfterAttempt {
  if (attempt.cancelRequested) return { state: 'cancelled' };
  if (failure.retry === 'never') return { state: 'failed' };
  if (attempt.attempts >= attempt.maxAttempts) return { state: 'dead' };
  const delayMs = backoffDelay(rules.backoff, attempt.attempts, rules.random);
  return { state: 'queued', delayMs: Math.max(delayMs, failure.afterMs ?? 0) };
}

/** A lease lapsed: its worker was killed, cut off or too slow. It may be the job itself that kills, so it counts as an attempt. */
export function afterLapse(attempt: Attempt, rules: RetryRules): AfterAttempt {
  return afterFailure(attempt, { retry: 'later' }, rules);
}
