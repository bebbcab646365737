import { sleep } from '@sluice/evals/deadline';
import type { Clock } from '../../platform/clock.ts';
import { StoreError } from '../../store/store-error.ts';
import type { JobStore } from '../job-store.ts';
import type { Lease } from '../job.ts';
import { JobFailure, JobWaits, type StopReason } from './job-failure.ts';

/** How the work on a job ended, as seen by the worker. */
export type WorkEnd = { readonly kind: 'result'; readonly result: unknown } | { readonly kind: 'failure'; readonly error: unknown } | { readonly kind: 'stopped'; readonly reason: StopReason };

export type Settled = 'succeeded' | 'retrying' | 'failed' | 'dead' | 'cancelled' | 'handed-over' | 'waiting' | 'lost';

/** What the owner of the job is told of an error that no handler meant for them. */
const UNEXPECTED = 'an error inside the worker';

async function write(store: JobStore, lease: Lease, end: WorkEnd): Promise<Settled> {
  if (end.kind === 'result') return store.complete(lease, end.result ?? null);
  if (end.kind === 'failure' && end.error instanceof JobWaits) {
    const aside = await store.putAside(lease, end.error.delayMs);
    return aside === 'queued' ? 'waiting' : aside;
  }
  if (end.kind === 'failure') {
    const known = end.error instanceof JobFailure ? end.error : new JobFailure(UNEXPECTED, { retry: 'later' });
    return (await store.fail(lease, { error: known.message, retry: known.retry, afterMs: known.afterMs })).outcome;
  }
  if (end.reason === 'lost') return 'lost';
  if (end.reason === 'cancelled') return store.acknowledgeCancel(lease);
  const given = await store.handOver(lease);
  return given === 'queued' ? 'handed-over' : given;
}

/** What cannot be kept, as it is too large or no JSON, will not be kept another time either. */
function unkept(end: WorkEnd, error: unknown): WorkEnd | undefined {
  const refused = end.kind === 'result' && error instanceof StoreError && error.failure === 'rejected';
  return refused ? { kind: 'failure', error: new JobFailure(error.message, { retry: 'never', cause: error }) } : undefined;
}

export interface SettleOptions {
  readonly clock: Clock;
  /** Milliseconds; then the lease has lapsed, and another worker does it. */
  readonly forMs: number;
  readonly pauseMs: number;
  readonly onError: (error: unknown) => void;
}

/** Writes how the work ended; a store that cannot be reached is asked again while the lease may last. */
export async function settle(store: JobStore, lease: Lease, end: WorkEnd, options: SettleOptions): Promise<Settled> {
  const last = options.clock.now() + options.forMs;
  let current = end;
  for (;;) {
    try {
      return await write(store, lease, current);
    } catch (error) {
      options.onError(error);
      const instead = unkept(current, error);
      if (instead === undefined && options.clock.now() + options.pauseMs > last) return 'lost';
      if (instead === undefined) await sleep(options.clock, options.pauseMs, new AbortController().signal);
      current = instead ?? current;
    }
  }
}
