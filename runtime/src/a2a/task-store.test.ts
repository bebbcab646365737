import { ListTasksRequest, TaskState, type Task } from '@a2a-js/sdk';
import { ServerCallContext, type TaskStore } from '@a2a-js/sdk/server';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../platform/clock.ts';
import { createFakeClock } from '../platform/clock-fake.ts';
import { taskKeepMilliseconds } from '../store/tasks/forget-tasks.ts';
import { createTaskStore, maximumTasks } from './task-store.ts';

function task(id: string, state = TaskState.TASK_STATE_COMPLETED): Task {
  return { id, contextId: 'c', status: { state, message: undefined, timestamp: undefined }, artifacts: [], history: [], metadata: undefined };
}

function callerOf(userName: string, isAuthenticated = true): ServerCallContext {
  return new ServerCallContext({ user: { userName, isAuthenticated } });
}

const anna = callerOf('anna');

function storeOf(clock: Clock, list: TaskStore['list'] = async () => ({ tasks: [], nextPageToken: '', pageSize: 50, totalSize: 0 })): TaskStore {
  return createTaskStore({ clock, list, onSaved: async () => {} });
}
const everything = ListTasksRequest.fromJSON({ pageSize: 100 });

describe('the tasks of a replica', () => {
  it('are those of their owners, copied in and out', async () => {
    const store = storeOf(createFakeClock());
    const saved = task('t');
    await store.save(saved, anna);
    saved.contextId = 'changed';
    const loaded = await store.load('t', anna);
    expect(loaded?.contextId).toBe('c');
    expect(await store.load('t', callerOf('axel'))).toBeUndefined();
  });

  it('are listed with those of other replicas, and for nobody in particular never', async () => {
    const asked: unknown[] = [];
    const store = storeOf(createFakeClock(), async (params, context) => {
      asked.push([params, context]);
      return { tasks: [task('elsewhere')], nextPageToken: '', pageSize: 100, totalSize: 1 };
    });
    expect((await store.list(everything, anna)).tasks.map(({ id }) => id)).toEqual(['elsewhere']);
    await expect(store.list(everything, callerOf('', false))).rejects.toThrow(/with credentials only/);
    expect(asked).toEqual([[everything, anna]]);
  });

  it('are forgotten some time after their end, but not while they run', async () => {
    const clock = createFakeClock();
    const store = storeOf(clock);
    await store.save(task('runs', TaskState.TASK_STATE_WORKING), anna);
    await store.save(task('ended'), anna);
    clock.advance(taskKeepMilliseconds - 1);
    expect(await store.load('ended', anna)).toBeDefined();
    clock.advance(1);
    expect(await store.load('ended', anna)).toBeUndefined();
    expect(await store.load('runs', anna)).toBeDefined();
  });

  it('are bounded: the ones that ended first make room, those that run stay', async () => {
    const store = storeOf(createFakeClock());
    await store.save(task('runs', TaskState.TASK_STATE_WORKING), anna);
    for (let index = 0; index <= maximumTasks; index += 1) await store.save(task(`t${index}`), anna);
    expect(await store.load('t0', anna)).toBeUndefined();
    expect(await store.load('t1', anna)).toBeUndefined();
    expect(await store.load('t2', anna)).toBeDefined();
    expect(await store.load('runs', anna)).toBeDefined();
  });
});
