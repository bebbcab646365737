import type { Clock } from '../platform/clock.ts';
import type { Bus } from '../store/bus/bus.ts';
import { keepListening } from '../store/bus/keep-listening.ts';
import type { TaskRecords } from '../store/tasks/task-records.ts';

/** Replicas listen here for the ids of tasks that their owners want stopped. */
export const stopChannel = 'tasks.cancelled';

const listenAgainMilliseconds = 5_000;

export interface TasksToStopOptions {
  readonly records: Pick<TaskRecords, 'cancelRequested'>;
  readonly bus: Pick<Bus, 'subscribe'>;
  readonly clock: Clock;
  /** Milliseconds between two looks. */
  readonly pollMs: number;
  /** The ids of those that this replica works on. */
  readonly running: () => readonly string[];
  readonly stop: (id: string) => void;
  /** Told when the store stops to answer. */
  readonly onError: (error: unknown) => void;
  /** Told when the bus cannot be listened to: then wishes are found, not heard of. */
  readonly onDeaf: (error: unknown) => void;
}

/** Stops the tasks of this replica that another one was asked to cancel. */
export interface TasksToStop {
  /** A task is worked on from now on: it is looked after, with all others by one question, as long as any is. */
  readonly begun: () => void;
  readonly close: () => Promise<void>;
}

export function createTasksToStop({ records, bus, clock, pollMs, running, stop, onError, onDeaf }: TasksToStopOptions): TasksToStop {
  let state: 'idle' | 'waiting' | 'looking' | 'closed' = 'idle';
  let stopWaiting = (): void => {};
  let answering = true;

  const look = async (): Promise<void> => {
    try {
      for (const id of await records.cancelRequested(running())) stop(id);
      answering = true;
    } catch (error) {
      if (answering) onError(error);
      answering = false;
    }
  };
  const wait = (): void => {
    if (state === 'closed') return;
    state = running().length === 0 ? 'idle' : 'waiting';
    if (state === 'waiting') stopWaiting = clock.after(pollMs, () => void lookAndWait());
  };
  const lookAndWait = async (): Promise<void> => {
    if (running().length > 0) {
      state = 'looking';
      await look();
    }
    wait();
  };
  // Anybody may write to the bus: what is to be stopped is in the store.
  const heard = (id: string): void => {
    if (running().includes(id)) void look();
  };
  const stopListening = keepListening(async () => await bus.subscribe(stopChannel, heard), { clock, pauseMs: listenAgainMilliseconds, onDeaf });
  return {
    begun: () => {
      if (state === 'idle') wait();
    },
    close: async () => {
      state = 'closed';
      stopWaiting();
      await stopListening();
    },
  };
}
