import type { Job } from '../job.ts';

/** A job that ended and whose owner is to be told. */
export interface CallbackDue {
  readonly job: Job;
  readonly url: string;
  /** How often it was tried, this time included. */
  readonly attempt: number;
  readonly fence: number;
}

/** The host and the port that a callback goes to. */
export function receiverOf(url: string): string {
  return URL.parse(url)?.host ?? '';
}

/** Written in the transaction that ends the job, so none is lost; a receiver may get one twice and tells them apart by the id. */
export interface CallbackQueue {
  /** The next that is due and whose receiver is none of `busy`; nobody else gets it for the length of a lease. */
  readonly claim: (busy?: readonly string[]) => Promise<CallbackDue | undefined>;
  readonly delivered: (due: CallbackDue) => Promise<'recorded' | 'lost'>;
  /** Tried again later, or given up after the last attempt. */
  readonly undelivered: (due: CallbackDue) => Promise<'later' | 'given-up' | 'lost'>;
}
