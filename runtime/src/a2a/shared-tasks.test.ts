import { TaskState, type Task } from '@a2a-js/sdk';
import { afterEach, describe, expect, it } from 'vitest';
import { a2aPath } from '../agent-card/well-known.ts';
import type { TaskRecord } from '../store/tasks/task-records.ts';
import { StoreError } from '../store/store-error.ts';
import { listen, type ListeningHarness } from '../testing/interfaces-fixture.ts';
import { createScriptedModel, reply } from '../testing/scripted-model.ts';
import { createSharedTasks } from './shared-tasks.ts';
import { keepMilliseconds } from './task-store.ts';

const owner = { tenant: 'a', subject: 'ann' };

function task(state: TaskState): Task {
  return { id: 't', contextId: 'c', status: { state, message: undefined, timestamp: undefined }, artifacts: [], history: [], metadata: undefined };
}

describe('what is written of a task', () => {
  it('is its beginning and its end', async () => {
    const written: TaskRecord[] = [];
    const records = { keep: async (record: TaskRecord) => void written.push(record), find: async () => written.at(-1)?.body, prune: async () => 0 };
    const shared = createSharedTasks({ records, runsMs: 65_000, onLost: () => {} });
    for (const state of [TaskState.TASK_STATE_SUBMITTED, TaskState.TASK_STATE_WORKING, TaskState.TASK_STATE_COMPLETED]) await shared.saved(task(state), { ...owner });
    expect(written.map(({ state, keepMs }) => [state, keepMs])).toEqual([['running', 65_000], ['ended', keepMilliseconds]]);
    expect(await shared.find('t', owner)).toMatchObject({ id: 't', contextId: 'c', status: { state: TaskState.TASK_STATE_COMPLETED } });
  });

  it('takes nothing from the task when the store is away', async () => {
    const lost: unknown[] = [];
    const gone = async (): Promise<never> => {
      throw new StoreError('unavailable', 'away');
    };
    const shared = createSharedTasks({ records: { keep: gone, find: gone, prune: gone }, runsMs: 1, onLost: (error) => lost.push(error) });
    await shared.saved(task(TaskState.TASK_STATE_SUBMITTED), owner);
    expect(lost).toHaveLength(1);
    await expect(shared.find('t', owner)).rejects.toThrow('away');
  });
});

describe('GetTask', () => {
  const opened: ListeningHarness[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });

  async function open(options: Parameters<typeof listen>[0]): Promise<ListeningHarness> {
    const harness = await listen(options);
    opened.push(harness);
    return harness;
  }

  async function call({ url }: ListeningHarness, method: string, params: object): Promise<{ readonly status: number; readonly body: { readonly result?: unknown; readonly error?: { readonly code: number } } }> {
    const response = await fetch(`${url}${a2aPath}`, { method: 'POST', headers: { 'content-type': 'application/json', 'a2a-version': '1.0' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) });
    return { status: response.status, body: (await response.json()) as never };
  }

  const pay = { message: { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'Pay.' }] } };

  it('finds at another replica what runs elsewhere, and what has ended', async () => {
    const turn = Promise.withResolvers<void>();
    const one = await open({
      model: createScriptedModel(async () => {
        await turn.promise;
        return reply('Paid.');
      }),
    });
    const other = await open({ model: createScriptedModel(), state: { tasks: one.kept.state.tasks } });
    const sent = await call(one, 'SendMessage', { ...pay, configuration: { returnImmediately: true } });
    const { id, contextId } = (sent.body.result as { readonly task: { readonly id: string; readonly contextId: string } }).task;
    expect((await call(other, 'GetTask', { id })).body.result).toMatchObject({ id, contextId, status: { state: 'TASK_STATE_SUBMITTED' } });
    turn.resolve();
    await expect.poll(async () => (await call(other, 'GetTask', { id })).body.result).toMatchObject({ status: { state: 'TASK_STATE_COMPLETED' }, artifacts: [{ artifactId: 'answer', parts: [{ text: 'Paid.' }] }, { artifactId: 'result' }], history: [{ messageId: 'm' }] });
    expect((await call(other, 'GetTask', { id, historyLength: 0 })).body.result).not.toHaveProperty('history.0');
    expect((await call(other, 'GetTask', { id: 'another' })).body.error).toMatchObject({ code: -32_001 });
  });

  it('says that it does not know where the store is away, and needs none for what runs here', async () => {
    const gone = async (): Promise<never> => {
      throw new StoreError('unavailable', 'away');
    };
    const harness = await open({ model: createScriptedModel(reply('Paid.')), state: { tasks: { keep: gone, find: gone, prune: gone } } });
    const sent = await call(harness, 'SendMessage', pay);
    const { id } = (sent.body.result as { readonly task: { readonly id: string } }).task;
    expect((await call(harness, 'GetTask', { id })).body.result).toMatchObject({ status: { state: 'TASK_STATE_COMPLETED' } });
    expect((await call(harness, 'GetTask', { id: 'another' })).body.error).toEqual({ code: -32_603, message: 'An error inside the agent server' });
  });
});
