import type { Clock } from '../../platform/clock.ts';
import type { JobStore } from '../job-store.ts';
import type { Lease } from '../job.ts';
import { JobStopped } from './job-failure.ts';

export interface HeartbeatOptions {
  readonly store: Pick<JobStore, 'heartbeat'>;
  readonly clock: Clock;
  /** Milliseconds between two; a third of the lease or less. */
  readonly everyMs: number;
  /** Milliseconds that a lease lasts. A worker that cannot reach the store for that long stops, as another may have begun. */
  readonly leaseMs: number;
  readonly onError: (error: unknown) => void;
}

export interface Heartbeats {
  /** Gives one at once: there may be news of the job. */
  readonly beat: () => void;
  readonly end: () => void;
}

/** Gives signs of life until they are ended, and aborts the work when it is not this worker's to do any more. */
export function keepAlive(lease: Lease, stop: AbortController, options: HeartbeatOptions): Heartbeats {
  const { store, clock, everyMs, leaseMs, onError } = options;
  let heard = clock.now();
  let cancel = (): void => {};
  let over = false;

  const beat = async (): Promise<void> => {
    const asked = clock.now();
    try {
      const answer = await store.heartbeat(lease);
      heard = asked;
      if (answer !== 'continue') stop.abort(new JobStopped(answer === 'cancel' ? 'cancelled' : 'lost'));
    } catch (error) {
      onError(error);
    }
  };
  const tick = (): void => {
    if (over || stop.signal.aborted) return;
    // Without waiting for an answer: a store that hangs must not keep the work going.
    if (clock.now() - heard >= leaseMs) return stop.abort(new JobStopped('lost'));
    void beat();
    cancel = clock.after(everyMs, tick);
  };
  cancel = clock.after(everyMs, tick);
  return {
    beat: () => {
      if (!over && !stop.signal.aborted) void beat();
    },
    end: () => {
      over = true;
      cancel();
    },
  };
}
