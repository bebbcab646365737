import { TaskState, type Task } from '@a2a-js/sdk';
import { ownerOf, type Owner } from '../store/owner.ts';
import type { TaskRecords } from '../store/tasks/task-records.ts';
import { hasEnded, keepMilliseconds } from './task-store.ts';
import { taskOfText, taskText } from './task-text.ts';

/** Tasks by their ids, at replicas that did not make them. */
export interface SharedTasks {
  /** Told of each save of a task; what is between its beginning and its end is not written. Never fails: the task is there all the same. */
  readonly saved: (task: Task, owner: Owner) => Promise<void>;
  /** As it began while it runs, as it ended afterwards. Throws StoreError. */
  readonly find: (id: string, owner: Owner) => Promise<Task | undefined>;
}

export interface SharedTasksOptions {
  readonly records: TaskRecords;
  /** Milliseconds after which one that has no end is taken for lost. */
  readonly runsMs: number;
  readonly onLost: (error: unknown) => void;
}

export function createSharedTasks({ records, runsMs, onLost }: SharedTasksOptions): SharedTasks {
  return {
    saved: async (task, owner) => {
      const state = hasEnded(task) ? 'ended' : 'running';
      if (state === 'running' && task.status?.state !== TaskState.TASK_STATE_SUBMITTED) return;
      await records.keep({ id: task.id, owner: ownerOf(owner), state, body: taskText(task), keepMs: state === 'ended' ? keepMilliseconds : runsMs }).catch(onLost);
    },
    find: async (id, owner) => {
      const body = await records.find(id, ownerOf(owner));
      return body === undefined ? undefined : taskOfText(body);
    },
  };
}
