import { ListTasksRequest, TaskState, type StreamResponse, type Task } from '@a2a-js/sdk';
import { describe, expect, it } from 'vitest';
import { createFollowedJobs } from '../jobs/followed-jobs.ts';
import { createFakeClock, type FakeClock } from '../platform/clock-fake.ts';
import { createMemoryBus } from '../store/bus/memory-bus.ts';
import type { Bus } from '../store/bus/bus.ts';
import { StoreError } from '../store/store-error.ts';
import { taskKeepMilliseconds } from '../store/tasks/forget-tasks.ts';
import type { KeptTask, TaskRecord, TaskRecords } from '../store/tasks/task-records.ts';
import { cancelMilliseconds, createSharedTasks, type SharedTasks } from './shared-tasks.ts';
import { stopChannel } from './tasks-to-stop.ts';

const owner = { tenant: 'a', subject: 'ann' };
const settle = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

function task(state: TaskState, changes: Partial<Task> = {}): Task {
  return { id: 't', contextId: 'c', status: { state, message: undefined, timestamp: '2026-01-01T00:00:00.000Z' }, artifacts: [], history: [], metadata: undefined, ...changes };
}

interface Rig {
  readonly shared: SharedTasks;
  readonly written: TaskRecord[];
  readonly clock: FakeClock;
  readonly bus: Bus;
  readonly lost: unknown[];
  readonly deaf: unknown[];
  /** Another replica forgets it. */
  readonly forget: () => void;
}

/** One task in a store in memory. */
function open(changes: Partial<TaskRecords> = {}, bus: Bus = createMemoryBus(10)): Rig {
  const clock = createFakeClock();
  const written: TaskRecord[] = [];
  const lost: unknown[] = [];
  const deaf: unknown[] = [];
  let there = true;
  const kept = (): KeptTask | undefined => {
    const last = written.at(-1);
    return last === undefined || !there ? undefined : { state: last.state, body: last.body, changes: written.length };
  };
  const records: TaskRecords = {
    keep: async (record) => void written.push(record),
    find: async () => kept(),
    list: async () => ({ bodies: written.slice(-1).map(({ body }) => body), total: 1 }),
    requestCancel: async () => kept(),
    cancelRequested: async () => [],
    changes: async (ids) => (there ? new Map(ids.map((id) => [id, written.length])) : new Map()),
    prune: async () => 0,
    ...changes,
  };
  const followed = createFollowedJobs({ store: { newestEvents: records.changes }, clock, pollMs: 2_000, onError: () => {} });
  const shared = createSharedTasks({ records, bus, followed, clock, runsMs: 65_000, onLost: (error) => lost.push(error), onDeaf: (error) => deaf.push(error) });
  return { shared, written, clock, bus, lost, deaf, forget: () => (there = false) };
}

const gone = async (): Promise<never> => {
  throw new StoreError('unavailable', 'away');
};
const never = new AbortController().signal;

describe('what is written of a task', () => {
  it('is each of its states, once', async () => {
    const { shared, written } = open();
    const answering = { artifacts: [{ artifactId: 'answer', name: '', description: '', parts: [], metadata: undefined, extensions: [] }] };
    for (const each of [task(TaskState.TASK_STATE_SUBMITTED), task(TaskState.TASK_STATE_WORKING), task(TaskState.TASK_STATE_WORKING, answering), task(TaskState.TASK_STATE_COMPLETED, answering)]) await shared.saved(each, { ...owner });
    expect(written.map(({ state, status, statusAt, contextId, keepMs }) => [state, status, statusAt, contextId, keepMs])).toEqual([
      ['running', 'TASK_STATE_SUBMITTED', Date.UTC(2026, 0, 1), 'c', 65_000],
      ['running', 'TASK_STATE_WORKING', Date.UTC(2026, 0, 1), 'c', 65_000],
      ['ended', 'TASK_STATE_COMPLETED', Date.UTC(2026, 0, 1), 'c', taskKeepMilliseconds],
    ]);
    expect(await shared.find('t', owner)).toMatchObject({ id: 't', contextId: 'c', status: { state: TaskState.TASK_STATE_COMPLETED }, artifacts: [{ artifactId: 'answer' }] });
    expect(await shared.list(ListTasksRequest.fromJSON({}), owner)).toMatchObject({ tasks: [{ id: 't', artifacts: [] }], totalSize: 1 });
  });

  it('does not hold the answer up, but for its beginning and its end', async () => {
    const writes: PromiseWithResolvers<void>[] = [];
    const { shared } = open({
      keep: async () => {
        const write = Promise.withResolvers<void>();
        writes.push(write);
        await write.promise;
      },
    });
    let saved = 0;
    const save = (state: TaskState): void => void shared.saved(task(state), owner).then(() => (saved += 1));
    save(TaskState.TASK_STATE_SUBMITTED);
    await settle();
    expect(saved).toBe(0);
    writes[0]?.resolve();
    await settle();
    save(TaskState.TASK_STATE_WORKING);
    await settle();
    expect([saved, writes.length]).toEqual([2, 2]);
    save(TaskState.TASK_STATE_COMPLETED);
    await settle();
    expect([saved, writes.length]).toEqual([2, 3]);
  });

  it('takes nothing from the task when the store is away', async () => {
    const { shared, lost } = open({ keep: gone, find: gone });
    await shared.saved(task(TaskState.TASK_STATE_SUBMITTED), owner);
    expect(lost).toHaveLength(1);
    await expect(shared.find('t', owner)).rejects.toThrow('away');
  });
});

describe('a task that another replica is asked to cancel', () => {
  it('is waited for, and told as it ended', async () => {
    const { shared, bus, clock } = open();
    const wished: string[] = [];
    await bus.subscribe(stopChannel, (id) => wished.push(id));
    await shared.saved(task(TaskState.TASK_STATE_WORKING), owner);
    const cancelled = shared.cancel('t', owner, never);
    await settle();
    expect(wished).toEqual(['t']);
    await shared.saved(task(TaskState.TASK_STATE_CANCELED), owner);
    expect(await cancelled).toMatchObject({ status: { state: TaskState.TASK_STATE_CANCELED } });
    expect(clock.pending()).toBe(0);
    expect(await shared.cancel('t', owner, never)).toMatchObject({ status: { state: TaskState.TASK_STATE_CANCELED } });
  });

  it('cannot be when it has ended otherwise, before or meanwhile', async () => {
    const { shared } = open();
    await shared.saved(task(TaskState.TASK_STATE_WORKING), owner);
    const cancelled = shared.cancel('t', owner, never);
    await settle();
    await shared.saved(task(TaskState.TASK_STATE_COMPLETED), owner);
    await expect(cancelled).rejects.toThrow('Task not cancelable: t');
    await expect(shared.cancel('t', owner, never)).rejects.toThrow('Task not cancelable: t');
  });

  it('is told as it is when nobody ends it in time, or the caller does not wait', async () => {
    const { shared, clock } = open();
    await shared.saved(task(TaskState.TASK_STATE_WORKING), owner);
    const cancelled = shared.cancel('t', owner, never);
    await settle();
    clock.advance(cancelMilliseconds);
    expect(await cancelled).toMatchObject({ status: { state: TaskState.TASK_STATE_WORKING } });
    expect(await shared.cancel('t', owner, AbortSignal.abort())).toMatchObject({ status: { state: TaskState.TASK_STATE_WORKING } });
    expect(clock.pending()).toBe(0);
  });

  it('is none of another owner, and the store says so when it is away', async () => {
    expect(await open().shared.cancel('t', owner, never)).toBeUndefined();
    await expect(open({ requestCancel: gone }).shared.cancel('t', owner, never)).rejects.toThrow('away');
  });
});

describe('a task of another replica that is followed', () => {
  const said = (events: readonly StreamResponse[]): unknown[] => events.map(({ payload }) => (payload?.$case === 'artifactUpdate' ? payload.value.artifact?.artifactId : (payload?.value as Task | undefined)?.status?.state));

  async function follow({ shared }: Rig, signal = never): Promise<{ readonly events: StreamResponse[]; readonly end: Promise<unknown> }> {
    const events: StreamResponse[] = [];
    const read = async (): Promise<unknown> => {
      try {
        for await (const event of shared.follow('t', owner, signal)) events.push(event);
        return 'end';
      } catch (error) {
        return error;
      }
    };
    const end = read();
    await settle();
    return { events, end };
  }

  it('is told as it is, and then of each change to its end', async () => {
    const rig = open();
    await rig.shared.saved(task(TaskState.TASK_STATE_SUBMITTED), owner);
    const { events, end } = await follow(rig);
    expect(said(events)).toEqual([TaskState.TASK_STATE_SUBMITTED]);
    await rig.shared.saved(task(TaskState.TASK_STATE_WORKING), owner);
    await settle();
    expect(said(events)).toEqual([TaskState.TASK_STATE_SUBMITTED, TaskState.TASK_STATE_WORKING]);
    await rig.shared.saved(task(TaskState.TASK_STATE_COMPLETED, { artifacts: [{ artifactId: 'answer', name: '', description: '', parts: [], metadata: undefined, extensions: [] }] }), owner);
    expect(await end).toBe('end');
    expect(said(events)).toEqual([TaskState.TASK_STATE_SUBMITTED, TaskState.TASK_STATE_WORKING, 'answer', TaskState.TASK_STATE_COMPLETED]);
    expect(rig.clock.pending()).toBe(0);
  });

  it('is found where nobody can be heard', async () => {
    const silent: Bus = { publish: async () => {}, subscribe: gone };
    const rig = open({}, silent);
    await rig.shared.saved(task(TaskState.TASK_STATE_WORKING), owner);
    const { events, end } = await follow(rig);
    await rig.shared.saved(task(TaskState.TASK_STATE_CANCELED), owner);
    await settle();
    expect([events.length, rig.deaf.length]).toEqual([1, 1]);
    rig.clock.advance(2_000);
    expect(await end).toBe('end');
    expect(said(events)).toEqual([TaskState.TASK_STATE_WORKING, TaskState.TASK_STATE_CANCELED]);
  });

  it('is lost with its replica', async () => {
    const rig = open();
    await rig.shared.saved(task(TaskState.TASK_STATE_WORKING), owner);
    const { end } = await follow(rig);
    rig.forget();
    rig.clock.advance(2_000);
    expect(await end).toMatchObject({ message: expect.stringContaining('send its message again') });
    expect(rig.clock.pending()).toBe(0);
  });

  it('is left when its caller leaves', async () => {
    const rig = open();
    await rig.shared.saved(task(TaskState.TASK_STATE_WORKING), owner);
    const caller = new AbortController();
    const { end } = await follow(rig, caller.signal);
    caller.abort(new Error('left'));
    expect(await end).toMatchObject({ message: 'left' });
    expect(rig.clock.pending()).toBe(0);
  });

  it('cannot be when there is none, or it has ended', async () => {
    const rig = open();
    expect(await (await follow(rig)).end).toMatchObject({ message: 'Task not found: t' });
    await rig.shared.saved(task(TaskState.TASK_STATE_COMPLETED), owner);
    expect(await (await follow(rig)).end).toMatchObject({ message: expect.stringContaining('has ended and cannot be subscribed to') });
  });
});
