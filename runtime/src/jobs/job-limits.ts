import type { Backoff } from './backoff.ts';

export interface JobLimits {
  /** Milliseconds that a lease lasts without a heartbeat. */
  readonly leaseMs: number;
  /** Milliseconds without a sign of a revision's workers until others take its jobs. */
  readonly workerSilenceMs: number;
  readonly maxAttempts: number;
  readonly backoff: Backoff;
  /** Jobs of one tenant that may run at a time. */
  readonly maxRunningPerTenant: number;
  /** Jobs of one tenant that may wait. */
  readonly maxQueuedPerTenant: number;
  /** Jobs that may wait in all. */
  readonly maxQueued: number;
  /** What one step of priority is worth, in milliseconds of waiting. */
  readonly priorityStepMs: number;
  readonly maxEventsPerJob: number;
  /** UTF-16 units of JSON of a payload, a result or one event. */
  readonly maxJsonLength: number;
  readonly callbackLeaseMs: number;
  readonly maxCallbackAttempts: number;
}

export const defaultJobLimits: JobLimits = {
  leaseMs: 30_000,
  workerSilenceMs: 60_000,
  maxAttempts: 5,
  backoff: { firstMs: 1_000, longestMs: 300_000 },
  maxRunningPerTenant: 100,
  maxQueuedPerTenant: 10_000,
  maxQueued: 100_000,
  priorityStepMs: 60_000,
  maxEventsPerJob: 1_000,
  maxJsonLength: 1_048_576,
  callbackLeaseMs: 30_000,
  maxCallbackAttempts: 8,
};
