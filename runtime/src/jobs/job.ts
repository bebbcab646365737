import type { IdempotencyClaim, StoredResponse } from '../idempotency/idempotency-store.ts';
import type { Owner } from '../store/owner.ts';

/**
 * `failed`: the work said that trying again is of no use. `dead`: out of attempts; a dead letter that may be queued again by hand.
 * The last four are ends: nothing but `redrive` of a dead one leads out of them.
 */
export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'dead';

export const endStates = ['succeeded', 'failed', 'cancelled', 'dead'] as const satisfies readonly JobState[];
export type EndState = (typeof endStates)[number];

export function isEnd(state: JobState): state is EndState {
  return endStates.some((end) => end === state);
}

export interface NewJob {
  readonly id: string;
  readonly owner: Owner;
  /** JSON: what the handler gets. */
  readonly payload: unknown;
  /** -10 to 10, higher first among the jobs of one tenant. Default 0. */
  readonly priority?: number | undefined;
  /** Default: the limit of the store. */
  readonly maxAttempts?: number | undefined;
  /** Milliseconds until it may begin. Default 0. */
  readonly delayMs?: number | undefined;
  /** Told when the job has ended. */
  readonly callbackUrl?: string | undefined;
  /** The key that the job was asked for under: its answer is kept with the job or neither is, so that a crash between makes no second one. */
  readonly once?: { readonly claim: IdempotencyClaim; readonly responseOf: (job: Job) => StoredResponse } | undefined;
}

export interface Job {
  readonly id: string;
  readonly owner: Owner;
  readonly state: JobState;
  readonly priority: number;
  readonly payload: unknown;
  /** How often it was begun. */
  readonly attempts: number;
  readonly maxAttempts: number;
  /** Its owner wants it stopped; the worker that has it will be told. */
  readonly cancelRequested: boolean;
  readonly result?: unknown;
  /** Why it failed, or why it is tried again. */
  readonly error?: string;
  /** Times in milliseconds since 1970. */
  readonly createdAt: number;
  readonly runAt: number;
  readonly finishedAt?: number;
}

/** The right to work on a job until `until`, and to say how it ended while `fence` is the newest that was given out. */
export interface Lease {
  readonly job: Job;
  readonly worker: string;
  readonly fence: number;
  /** Milliseconds since 1970, by the clock of the store. */
  readonly until: number;
}

export interface JobEvent {
  /** Counts up by one within a job, from 1: what Last-Event-ID names. */
  readonly id: number;
  readonly type: string;
  readonly data: unknown;
  readonly at: number;
}

export interface NewJobEvent {
  readonly type: string;
  readonly data: unknown;
}
