import type { Job } from '../job.ts';

export interface EffectOptions {
  /** `safe`: the receiver knows the effect again, so it may be asked for twice. `never`: when an attempt was lost in the middle of it, the job fails for a person to look at. */
  readonly repeat: 'safe' | 'never';
}

/** What a handler works with. */
export interface JobRun {
  readonly job: Job;
  /** Aborted with a JobStopped when the work must stop. */
  readonly signal: AbortSignal;
  /** Tells those who watch the job. Throws JobStopped when the job is not this worker's any more. */
  readonly emit: (type: string, data: unknown) => Promise<void>;
  /**
   * Does something to the world outside once for all attempts of the job, and gives what came of it; `key` is the same in every attempt,
   * for a receiver that knows repeated requests by it. Throws JobFailure or JobStopped, and what `work` throws.
   */
  readonly effect: <T>(name: string, options: EffectOptions, work: (key: string) => Promise<T>) => Promise<T>;
}

/** Gives the result of the job, as JSON. Throws JobFailure to say how it failed, and JobWaits when it is to be asked again later; anything else is tried again later. */
export type JobHandler = (run: JobRun) => Promise<unknown>;
