import type { Clock } from '../platform/clock.ts';
import type { Bus } from '../store/bus/bus.ts';
import type { Owner } from '../store/owner.ts';
import { jobChannel } from './announced-jobs.ts';
import type { FollowedJobs, Follower } from './followed-jobs.ts';
import { isEnd, type JobEvent } from './job.ts';
import type { JobStore } from './job-store.ts';
import { createBell } from './worker/bell.ts';

export interface WatchOptions {
  readonly store: Pick<JobStore, 'get' | 'events'>;
  readonly bus: Pick<Bus, 'subscribe'>;
  /** Finds what nobody announced. */
  readonly followed: FollowedJobs;
  readonly clock: Clock;
  /** Told when the bus cannot be listened to: then changes are found, not heard of. */
  readonly onError: (error: unknown) => void;
}

export interface WatchRequest {
  readonly id: string;
  readonly owner: Owner;
  /** The last event that the watcher has: 0 for none. */
  readonly after: number;
}

const BATCH = 100;

/** The events of a job from where its watcher stopped, as they come, until the job has an end. Nothing for a job that is not this owner's. Throws the signal's reason, and StoreError. */
export async function* watchJob(options: WatchOptions, request: WatchRequest, signal: AbortSignal): AsyncGenerator<JobEvent, void, undefined> {
  const { store, bus, followed, clock, onError } = options;
  const { id, owner } = request;
  const bell = createBell();
  const leave = await bus.subscribe(jobChannel(id), bell.ring).catch((error: unknown) => {
    onError(error);
    return async () => {};
  });
  signal.addEventListener('abort', bell.ring, { once: true });
  const follower: Follower = { after: request.after, ring: bell.ring };
  const unfollow = followed.follow(id, follower);
  try {
    for (;;) {
      signal.throwIfAborted();
      // The state first: when it is an end, the events that are read next are all that there are.
      const job = await store.get(id, owner);
      const events = await store.events(id, owner, { after: follower.after, limit: BATCH });
      if (job === undefined || events === undefined) return;
      yield* events;
      follower.after = events.at(-1)?.id ?? follower.after;
      if (events.length > 0) continue;
      if (isEnd(job.state)) return;
      await bell.wait(clock);
    }
  } finally {
    unfollow();
    signal.removeEventListener('abort', bell.ring);
    await leave();
  }
}
