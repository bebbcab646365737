import { TaskState, type Task } from '@a2a-js/sdk';
import { UnsupportedOperationError } from '@a2a-js/sdk/errors';
import type { ServerCallContext, TaskStore } from '@a2a-js/sdk/server';
import type { Clock } from '../platform/clock.ts';
import { taskKeepMilliseconds } from '../store/tasks/forget-tasks.ts';

/** Tasks that one replica remembers, those that run included; how many run is bounded by admission. */
export const maximumTasks = 1_000;

interface Kept {
  readonly task: Task;
  readonly owner: string;
  readonly savedAt: number;
}

const ended: ReadonlySet<TaskState> = new Set([TaskState.TASK_STATE_COMPLETED, TaskState.TASK_STATE_FAILED, TaskState.TASK_STATE_CANCELED, TaskState.TASK_STATE_REJECTED]);

function ownerOf({ tenant, user }: ServerCallContext): string {
  return JSON.stringify([tenant ?? '', user?.userName ?? '']);
}

export function hasEnded({ status }: Task): boolean {
  return status !== undefined && ended.has(status.state);
}

export interface TaskStoreOptions {
  readonly clock: Clock;
  /** Told of each task before its save is done. */
  readonly onSaved: (task: Task, context: ServerCallContext) => Promise<void>;
  /** Those of all replicas. */
  readonly list: TaskStore['list'];
}

/** The tasks of one replica, for their owners only, bounded in number and time. */
export function createTaskStore({ clock, onSaved, list }: TaskStoreOptions): TaskStore {
  // A Map keeps the order of saving; a save moves its task to the end.
  const tasks = new Map<string, Kept>();
  const forget = (): void => {
    for (const [id, { task, savedAt }] of tasks) {
      const isOld = clock.now() - savedAt >= taskKeepMilliseconds;
      if (!isOld && tasks.size <= maximumTasks) return;
      if (hasEnded(task)) tasks.delete(id);
    }
  };
  return {
    save: async (task, context) => {
      tasks.delete(task.id);
      tasks.set(task.id, { task: structuredClone(task), owner: ownerOf(context), savedAt: clock.now() });
      forget();
      await onSaved(structuredClone(task), context);
    },
    load: async (id, context) => {
      forget();
      const kept = tasks.get(id);
      return kept === undefined || kept.owner !== ownerOf(context) ? undefined : structuredClone(kept.task);
    },
    list: async (params, context) => {
      // Callers that are not told apart own all tasks together: who knows the id of one may see it, but nobody may see them all.
      if (context.user?.isAuthenticated !== true) throw new UnsupportedOperationError('Tasks are listed for callers with credentials only; ask for one by its id');
      return await list(params, context);
    },
  };
}
