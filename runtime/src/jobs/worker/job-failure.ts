/** What a handler throws to say how its job failed. Its message is for the owner of the job: no secrets. */
export class JobFailure extends Error {
  override readonly name = 'JobFailure';
  readonly retry: 'later' | 'never';
  /** Milliseconds to wait at least before the next attempt. */
  readonly afterMs: number | undefined;

  constructor(message: string, options: ErrorOptions & { readonly retry: 'later' | 'never'; readonly afterMs?: number | undefined }) {
    super(message, options);
    this.retry = options.retry;
    this.afterMs = options.afterMs;
  }
}

/** What a handler throws when its job waits for something: no failure, and no attempt. */
export class JobWaits extends Error {
  override readonly name = 'JobWaits';
  /** Milliseconds at most. */
  readonly delayMs: number;

  constructor(delayMs: number) {
    super('the job waits');
    this.delayMs = delayMs;
  }
}

/** `cancelled`: its owner wants it stopped. `lost`: another worker may have it. `draining`: this process ends. */
export type StopReason = 'cancelled' | 'lost' | 'draining';

/** Why the signal of a job was aborted. */
export class JobStopped extends Error {
  override readonly name = 'JobStopped';
  readonly reason: StopReason;

  constructor(reason: StopReason) {
    super(`the job was stopped: ${reason}`);
    this.reason = reason;
  }
}
