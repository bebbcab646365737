import type { Clock } from '../platform/clock.ts';
import type { JobStore } from './job-store.ts';

/** Whoever follows a job. */
export interface Follower {
  /** The last event that it has. */
  after: number;
  /** Called when there may be more. */
  readonly ring: () => void;
}

export interface FollowedJobsOptions {
  readonly store: Pick<JobStore, 'newestEvents'>;
  readonly clock: Clock;
  /** Milliseconds between two looks. */
  readonly pollMs: number;
  /** Told when the store stops to answer; followers wait until it does again. */
  readonly onError: (error: unknown) => void;
}

export interface FollowedJobs {
  /** Rings until the returned function is called. */
  readonly follow: (id: string, follower: Follower) => () => void;
}

/** Ids of one question to the store. */
const BATCH = 500;

/** Looks for the jobs that callers of this process follow, all of them together: what nobody announced is found by one question, however many follow. No timer runs while nobody does. */
export function createFollowedJobs({ store, clock, pollMs, onError }: FollowedJobsOptions): FollowedJobs {
  const followers = new Map<string, Set<Follower>>();
  let state: 'idle' | 'waiting' | 'looking' = 'idle';
  let stopWaiting = (): void => {};
  let answering = true;

  const tell = (id: string, newest: number | undefined): void => {
    // One that is not there any more is for its followers to find out.
    for (const follower of followers.get(id) ?? []) if (newest === undefined || newest > follower.after) follower.ring();
  };
  const look = async (): Promise<void> => {
    const ids = [...followers.keys()];
    try {
      for (let from = 0; from < ids.length; from += BATCH) {
        const batch = ids.slice(from, from + BATCH);
        const newest = await store.newestEvents(batch);
        for (const id of batch) tell(id, newest.get(id));
      }
      answering = true;
    } catch (error) {
      if (answering) onError(error);
      answering = false;
    }
  };
  const wait = (): void => {
    state = followers.size === 0 ? 'idle' : 'waiting';
    if (state === 'waiting') stopWaiting = clock.after(pollMs, () => void lookAndWait());
  };
  const lookAndWait = async (): Promise<void> => {
    state = 'looking';
    await look();
    wait();
  };
  return {
    follow: (id, follower) => {
      followers.set(id, (followers.get(id) ?? new Set()).add(follower));
      if (state === 'idle') wait();
      return () => {
        const others = followers.get(id);
        if (others?.delete(follower) === true && others.size === 0) followers.delete(id);
        if (followers.size > 0 || state !== 'waiting') return;
        stopWaiting();
        state = 'idle';
      };
    },
  };
}
