import type { Owner } from '../store/owner.ts';
import type { Page, PageRequest } from '../store/page.ts';
import type { CallbackQueue } from './callbacks/callback-queue.ts';
import type { Job, JobEvent, JobState, Lease, NewJob, NewJobEvent } from './job.ts';

/** `quota`: the tenant has as many jobs waiting as it may. `full`: the store has. `superseded`: another try has its key by now, and makes the job. */
export type Enqueued = { readonly outcome: 'queued'; readonly job: Job } | { readonly outcome: 'quota' | 'full'; readonly limit: number } | { readonly outcome: 'superseded' };

/** `ended`: it had an end before. `unknown`: no such job of this owner. */
export type Cancelled = 'cancelled' | 'cancelling' | 'ended' | 'unknown';

/** `lost`: the lease is not the newest any more, so nothing was written and the work must stop. */
export type Heartbeat = 'continue' | 'cancel' | 'lost';

/**
 * `new`: it is this lease's to do. `done`: an earlier attempt did it, here is what came of it.
 * `unknown`: an earlier attempt began it and nobody knows whether it got through.
 */
export type EffectBegin = { readonly state: 'new' | 'unknown' | 'lost' } | { readonly state: 'done'; readonly value: unknown };

export interface Failure {
  /** For the owner of the job: no secrets. */
  readonly error: string;
  readonly retry: 'later' | 'never';
  /** Milliseconds to wait at least, as a provider asked for. */
  readonly afterMs?: number | undefined;
}

export type Failed = { readonly outcome: 'retrying'; readonly runAt: number } | { readonly outcome: 'failed' | 'dead' | 'cancelled' | 'lost' };

export interface QueueDepth {
  readonly queued: number;
  readonly running: number;
  readonly dead: number;
  /** Milliseconds that the oldest job that may begin has waited; 0 when there is none. */
  readonly oldestWaitMs: number;
}

/**
 * Jobs, and who works on them. A job is given to one worker at a time under a lease; what a worker writes counts only while its lease is
 * the newest, and is checked and written in one transaction: so a job ends once, whatever is killed when.
 */
export interface JobStore {
  readonly enqueue: (job: NewJob) => Promise<Enqueued>;
  readonly get: (id: string, owner: Owner) => Promise<Job | undefined>;
  readonly list: (owner: Owner, page: PageRequest & { readonly state?: JobState | undefined }) => Promise<Page<Job>>;
  /** The events after `after` (0: from the first), at most `limit`; undefined for a job that is not this owner's. */
  readonly events: (id: string, owner: Owner, from: { readonly after: number; readonly limit: number }) => Promise<readonly JobEvent[] | undefined>;
  /** The number of the last event of each, whoever they are of; those that are not there are left out. */
  readonly newestEvents: (ids: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  readonly cancel: (id: string, owner: Owner) => Promise<Cancelled>;
  /** Queues a dead job again with its attempts back. */
  readonly redrive: (id: string, owner: Owner) => Promise<'queued' | 'not-dead' | 'unknown'>;

  /** The next job, by turns among tenants: of the one with the fewest running, the highest priority first, and no job waits forever behind later ones. What pods of another revision took in is left to the workers of that revision, while it has some. */
  readonly claim: (worker: string) => Promise<Lease | undefined>;
  readonly heartbeat: (lease: Lease) => Promise<Heartbeat>;
  /** Events beyond the bound of one job are dropped. */
  readonly emit: (lease: Lease, events: readonly NewJobEvent[]) => Promise<'recorded' | 'lost'>;
  readonly beginEffect: (lease: Lease, effect: string) => Promise<EffectBegin>;
  readonly finishEffect: (lease: Lease, effect: string, value: unknown) => Promise<'recorded' | 'lost'>;
  /** Ends the job; `effects` are recorded in the same transaction. */
  readonly complete: (lease: Lease, result: unknown, effects?: readonly { readonly effect: string; readonly value: unknown }[]) => Promise<'succeeded' | 'lost'>;
  readonly fail: (lease: Lease, failure: Failure) => Promise<Failed>;
  /** The work stopped because its owner asked for it. */
  readonly acknowledgeCancel: (lease: Lease) => Promise<'cancelled' | 'lost'>;
  /** Gives the job back untried, so that another worker takes it at once. */
  readonly handOver: (lease: Lease) => Promise<'queued' | 'cancelled' | 'lost'>;
  /** Gives the job back untried, to be taken when the answer that it waits for is there, or `delayMs` milliseconds have passed. */
  readonly putAside: (lease: Lease, delayMs: number) => Promise<'queued' | 'cancelled' | 'lost'>;

  /** This worker takes no more jobs. */
  readonly leave: (worker: string) => Promise<void>;
  /** Takes the jobs back whose lease has lapsed; `claim` does so too. The number taken back. */
  readonly sweep: () => Promise<number>;
  /** Removes jobs that ended before `before` (milliseconds since 1970), with what belongs to them. The number removed. */
  readonly prune: (before: number) => Promise<number>;
  readonly depth: () => Promise<QueueDepth>;
  readonly callbacks: CallbackQueue;
}
