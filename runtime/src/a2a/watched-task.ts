import type { FollowedJobs, Follower } from '../jobs/followed-jobs.ts';
import { createBell } from '../jobs/worker/bell.ts';
import type { Clock } from '../platform/clock.ts';
import type { Bus } from '../store/bus/bus.ts';
import type { Owner } from '../store/owner.ts';
import type { KeptTask, TaskRecords } from '../store/tasks/task-records.ts';

/** Whoever watches a task listens here. The message is empty: what has changed is in the store. */
export function taskChannel(id: string): string {
  return `task.${id}`;
}

export interface WatchedTaskOptions {
  readonly records: Pick<TaskRecords, 'find'>;
  readonly bus: Pick<Bus, 'subscribe'>;
  /** Finds what nobody announced. */
  readonly followed: FollowedJobs;
  readonly clock: Clock;
  /** Told when the bus cannot be listened to: then changes are found, not heard of. */
  readonly onDeaf: (error: unknown) => void;
}

/** A task as it is kept, now and after each change, to its end. Nothing of one that is not this owner's, and nothing more of one whose time is over. Throws the signal's reason, and StoreError. */
export async function* watchTask({ records, bus, followed, clock, onDeaf }: WatchedTaskOptions, { id, owner }: { readonly id: string; readonly owner: Owner }, signal: AbortSignal): AsyncGenerator<KeptTask, void, undefined> {
  const bell = createBell();
  const leave = await bus.subscribe(taskChannel(id), bell.ring).catch((error: unknown) => {
    onDeaf(error);
    return async () => {};
  });
  signal.addEventListener('abort', bell.ring, { once: true });
  const follower: Follower = { after: 0, ring: bell.ring };
  const unfollow = followed.follow(id, follower);
  try {
    for (;;) {
      signal.throwIfAborted();
      const task = await records.find(id, owner);
      if (task === undefined) return;
      if (task.changes > follower.after) yield task;
      follower.after = Math.max(follower.after, task.changes);
      if (task.state === 'ended') return;
      await bell.wait(clock);
    }
  } finally {
    unfollow();
    signal.removeEventListener('abort', bell.ring);
    await leave();
  }
}
