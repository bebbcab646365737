import { TaskState, taskStateToJSON, type ListTasksRequest, type ListTasksResponse, type StreamResponse, type Task } from '@a2a-js/sdk';
import { A2AError, TaskNotCancelableError, TaskNotFoundError, UnsupportedOperationError } from '@a2a-js/sdk/errors';
import type { FollowedJobs } from '../jobs/followed-jobs.ts';
import type { Clock } from '../platform/clock.ts';
import type { Bus } from '../store/bus/bus.ts';
import { ownerOf, type Owner } from '../store/owner.ts';
import { taskKeepMilliseconds } from '../store/tasks/forget-tasks.ts';
import type { KeptTask, TaskRecords } from '../store/tasks/task-records.ts';
import { listOf, taskQueryOf } from './task-pages.ts';
import { hasEnded } from './task-store.ts';
import { stepsBetween } from './task-steps.ts';
import { taskOfText, taskText } from './task-text.ts';
import { stopChannel } from './tasks-to-stop.ts';
import { taskChannel, watchTask } from './watched-task.ts';

/** Tasks at replicas that did not make them. All throw StoreError, but for `saved`. */
export interface SharedTasks {
  /** Told of each save of a task; its states are written, not the pieces of its answer. Never fails: the task is there all the same. */
  readonly saved: (task: Task, owner: Owner) => Promise<void>;
  /** As its state was written last. */
  readonly find: (id: string, owner: Owner) => Promise<Task | undefined>;
  /** Throws RequestMalformedError for a token that is none. */
  readonly list: (params: ListTasksRequest, owner: Owner) => Promise<ListTasksResponse>;
  /** Has the replica that works on it stop it, and waits for its end; undefined when there is no such task. One that does not end in time is given as it is. Throws TaskNotCancelableError. */
  readonly cancel: (id: string, owner: Owner, signal: AbortSignal) => Promise<Task | undefined>;
  /** The task, and what comes of it. Throws TaskNotFoundError, UnsupportedOperationError for one that has ended, and the reason of the signal. */
  readonly follow: (id: string, owner: Owner, signal: AbortSignal) => AsyncGenerator<StreamResponse, void, undefined>;
}

export interface SharedTasksOptions {
  readonly records: TaskRecords;
  readonly bus: Bus;
  readonly followed: FollowedJobs;
  readonly clock: Clock;
  /** Milliseconds after which one that has no end is taken for lost. */
  readonly runsMs: number;
  readonly onLost: (error: unknown) => void;
  /** Told when the bus cannot be listened to: then changes are found, not heard of. */
  readonly onDeaf: (error: unknown) => void;
}

/** For a task to end that was asked to: its replica looks every 2 s where nobody tells it. */
export const cancelMilliseconds = 10_000;

/** Of a task that runs. */
const written: ReadonlySet<TaskState | undefined> = new Set([TaskState.TASK_STATE_SUBMITTED, TaskState.TASK_STATE_WORKING]);

export function createSharedTasks(options: SharedTasksOptions): SharedTasks {
  const { records, bus, clock, runsMs, onLost } = options;
  /** The last state that was written of those that run. */
  const states = new Map<string, TaskState | undefined>();
  const write = async (task: Task, owner: Owner, state: 'running' | 'ended'): Promise<void> => {
    const status = taskStateToJSON(task.status?.state ?? TaskState.TASK_STATE_UNSPECIFIED);
    const statusAt = Date.parse(task.status?.timestamp ?? '') || 0;
    await records.keep({ id: task.id, owner: ownerOf(owner), state, contextId: task.contextId, status, statusAt, body: taskText(task), keepMs: state === 'ended' ? taskKeepMilliseconds : runsMs });
    // Not waited for: whoever listens would find out by itself, too.
    void bus.publish(taskChannel(task.id), '');
  };
  /** As it is when it has ended, or no longer is waited for. */
  const endOf = async (id: string, owner: Owner, signal: AbortSignal): Promise<KeptTask | undefined> => {
    const over = new AbortController();
    const stopWaiting = clock.after(cancelMilliseconds, () => over.abort());
    const either = AbortSignal.any([over.signal, signal]);
    let last: KeptTask | undefined;
    try {
      for await (const next of watchTask(options, { id, owner: ownerOf(owner) }, either)) last = next;
    } catch (error) {
      if (!either.aborted) throw error;
    } finally {
      stopWaiting();
    }
    return last;
  };
  return {
    saved: async (task, owner) => {
      const state = task.status?.state;
      if (hasEnded(task)) {
        states.delete(task.id);
        return await write(task, owner, 'ended').catch(onLost);
      }
      if (!written.has(state) || states.get(task.id) === state) return;
      const isFirst = !states.has(task.id);
      states.set(task.id, state);
      const done = write(task, owner, 'running').catch(onLost);
      // The first is there before its caller hears of it; what follows must not hold the answer up.
      if (isFirst) await done;
    },
    find: async (id, owner) => {
      const kept = await records.find(id, ownerOf(owner));
      return kept === undefined ? undefined : taskOfText(kept.body);
    },
    list: async (params, owner) => listOf(await records.list(ownerOf(owner), taskQueryOf(params)), params),
    cancel: async (id, owner, signal) => {
      const asked = await records.requestCancel(id, ownerOf(owner));
      if (asked === undefined) return undefined;
      if (asked.state === 'running') await bus.publish(stopChannel, id);
      const task = taskOfText((asked.state === 'running' ? ((await endOf(id, owner, signal)) ?? asked) : asked).body);
      if (hasEnded(task) && task.status?.state !== TaskState.TASK_STATE_CANCELED) throw new TaskNotCancelableError(`Task not cancelable: ${id}`);
      return task;
    },
    follow: async function* (id, owner, signal) {
      let last: Task | undefined;
      for await (const { body } of watchTask(options, { id, owner: ownerOf(owner) }, signal)) {
        const task = taskOfText(body);
        if (last === undefined && hasEnded(task)) throw new UnsupportedOperationError(`Task ${id} has ended and cannot be subscribed to; GetTask tells how`);
        if (last === undefined) yield { payload: { $case: 'task', value: task } };
        else yield* stepsBetween(last, task);
        last = task;
      }
      if (last === undefined) throw new TaskNotFoundError(`Task not found: ${id}`);
      if (!hasEnded(last)) throw new A2AError(`The replica that worked on task ${id} is gone; send its message again`);
    },
  };
}
