import { afterEach, describe, expect, it } from 'vitest';
import { a2aPath } from '../agent-card/well-known.ts';
import { createFakeClock } from '../platform/clock-fake.ts';
import type { Access } from '../server/access/access.ts';
import { Unauthenticated } from '../server/request-problems.ts';
import { ShuttingDown } from '../server/problem.ts';
import { StoreError } from '../store/store-error.ts';
import type { TaskRecords } from '../store/tasks/task-records.ts';
import { listen, type ListeningHarness } from '../testing/interfaces-fixture.ts';
import { createScriptedModel, hang, reply } from '../testing/scripted-model.ts';

const opened: ListeningHarness[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) {
    each.active.abortAll(new Error('the test ends'));
    await each.close();
  }
});

/** Knows a key for each tenant. */
const closed: Access = {
  mode: 'closed',
  standing: (caller) => caller,
  authenticate: async ({ authorization }) => {
    if (authorization === undefined) throw new Unauthenticated('The credentials are not known');
    return { tenant: authorization.slice('Bearer '.length), subject: 'service', roles: [] };
  },
  tenant: () => ({ flags: {} }),
};

async function open(options: Parameters<typeof listen>[0]): Promise<ListeningHarness> {
  const harness = await listen({ access: closed, ...options });
  opened.push(harness);
  return harness;
}

/** Two replicas of one store; the second hears of the first where they share a bus. */
async function pair(options: Parameters<typeof listen>[0], bus: 'one bus' | 'none' = 'one bus'): Promise<readonly [ListeningHarness, ListeningHarness]> {
  const one = await open(options);
  const { tasks } = one.kept.state;
  const clock = options.clock === undefined ? {} : { clock: options.clock };
  return [one, await open({ ...clock, model: createScriptedModel(), state: { tasks, ...(bus === 'one bus' ? { bus: one.kept.state.bus } : {}) } })];
}

interface Answer {
  readonly status: number;
  readonly body: { readonly result?: unknown; readonly error?: { readonly code: number; readonly message: string } };
}

async function post({ url }: ListeningHarness, method: string, params: object, tenant = 'acme', signal?: AbortSignal): Promise<Response> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json', 'a2a-version': '1.0', authorization: `Bearer ${tenant}` }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) };
  return await fetch(`${url}${a2aPath}`, signal === undefined ? init : { ...init, signal });
}

async function call(harness: ListeningHarness, method: string, params: object, tenant?: string): Promise<Answer> {
  const response = await post(harness, method, params, tenant);
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

const pay = (messageId = 'm') => ({ message: { messageId, role: 'ROLE_USER', parts: [{ text: 'Pay.' }] } });

/** Sends a message whose task is not waited for. */
async function begin(harness: ListeningHarness): Promise<{ readonly id: string; readonly contextId: string }> {
  const sent = await call(harness, 'SendMessage', { ...pay(), configuration: { returnImmediately: true } });
  return (sent.body.result as { readonly task: { readonly id: string; readonly contextId: string } }).task;
}

const stateAt = async (harness: ListeningHarness, id: string): Promise<unknown> => ((await call(harness, 'GetTask', { id })).body.result as { readonly status?: { readonly state?: string } } | undefined)?.status?.state;

/** What a stream told, one to a line. */
function told(text: string): unknown[] {
  const events = text.split('\n').filter((line) => line.startsWith('data: ')).map((line) => JSON.parse(line.slice('data: '.length)) as { readonly result?: Record<string, { readonly status?: { readonly state: string }; readonly artifact?: { readonly artifactId: string } }>; readonly error?: { readonly message: string } });
  return events.map(({ result, error }) => error?.message ?? result?.['artifactUpdate']?.artifact?.artifactId ?? (result?.['task'] ?? result?.['statusUpdate'])?.status?.state);
}

function held(): { readonly model: ReturnType<typeof createScriptedModel>; readonly go: () => void } {
  const turn = Promise.withResolvers<void>();
  return {
    go: turn.resolve,
    model: createScriptedModel(async () => {
      await turn.promise;
      return reply('Paid.');
    }),
  };
}

const gone = async (): Promise<never> => {
  throw new StoreError('unavailable', 'away');
};
const noTasks: TaskRecords = { keep: gone, find: gone, list: gone, requestCancel: gone, cancelRequested: gone, changes: gone, prune: gone };

describe('GetTask', () => {
  it('finds at another replica what runs elsewhere, and what has ended', async () => {
    const { model, go } = held();
    const [one, other] = await pair({ model });
    const { id, contextId } = await begin(one);
    await expect.poll(() => stateAt(other, id)).toBe('TASK_STATE_WORKING');
    go();
    await expect.poll(() => stateAt(other, id)).toBe('TASK_STATE_COMPLETED');
    expect((await call(other, 'GetTask', { id })).body.result).toMatchObject({ id, contextId, artifacts: [{ artifactId: 'answer', parts: [{ text: 'Paid.' }] }, { artifactId: 'result' }], history: [{ messageId: 'm' }] });
    expect((await call(other, 'GetTask', { id, historyLength: 0 })).body.result).not.toHaveProperty('history.0');
    expect((await call(other, 'GetTask', { id: 'another' })).body.error).toMatchObject({ code: -32_001 });
  });

  it('needs no store for what runs here', async () => {
    const harness = await open({ model: createScriptedModel(reply('Paid.')), state: { tasks: noTasks } });
    const sent = await call(harness, 'SendMessage', pay());
    expect(await stateAt(harness, (sent.body.result as { readonly task: { readonly id: string } }).task.id)).toBe('TASK_STATE_COMPLETED');
  });
});

it.each(['GetTask', 'CancelTask', 'SubscribeToTask', 'ListTasks'])('%s says when to come back where the store is away', async (method) => {
  const harness = await open({ model: createScriptedModel(), state: { tasks: noTasks } });
  const response = await post(harness, method, method === 'ListTasks' ? {} : { id: 'another' });
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^[0-9]+$/)]);
  expect(await response.json()).toMatchObject({ type: 'urn:sluice:problem:store-unavailable' });
});

describe('ListTasks', () => {
  it('lists the tasks of all replicas for the tenant that they are of, page by page', async () => {
    const [one, other] = await pair({ model: createScriptedModel(reply('One.'), reply('Two.'), reply('Three.')) });
    const ids: string[] = [];
    for (const messageId of ['m-1', 'm-2', 'm-3']) ids.push(((await call(one, 'SendMessage', pay(messageId))).body.result as { readonly task: { readonly id: string } }).task.id);
    const first = (await call(other, 'ListTasks', { pageSize: 2 })).body.result as { readonly tasks: readonly { readonly id: string }[]; readonly nextPageToken: string };
    expect(first).toMatchObject({ totalSize: 3, pageSize: 2 });
    const second = (await call(other, 'ListTasks', { pageSize: 2, pageToken: first.nextPageToken, includeArtifacts: true })).body.result as typeof first;
    expect(second).toMatchObject({ nextPageToken: '', tasks: [{ artifacts: [{ artifactId: 'answer' }, { artifactId: 'result' }] }] });
    expect([...first.tasks, ...second.tasks].map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    expect((await call(other, 'ListTasks', { status: 'TASK_STATE_FAILED' })).body.result).toMatchObject({ tasks: [], totalSize: 0 });
    expect((await call(other, 'ListTasks', {}, 'rival')).body.result).toMatchObject({ tasks: [], totalSize: 0 });
    expect((await call(other, 'ListTasks', { pageToken: 'made up' })).body.error).toMatchObject({ code: -32_602 });
  });
});

describe('CancelTask', () => {
  it('ends what another replica works on', async () => {
    const model = createScriptedModel(hang);
    const [one, other] = await pair({ model });
    const { id } = await begin(one);
    await expect.poll(() => stateAt(other, id)).toBe('TASK_STATE_WORKING');
    expect((await call(other, 'CancelTask', { id }, 'rival')).body.error).toMatchObject({ code: -32_001 });
    expect(model.signals[0]?.aborted).toBe(false);
    expect((await call(other, 'CancelTask', { id })).body.result).toMatchObject({ id, status: { state: 'TASK_STATE_CANCELED' } });
    expect(model.signals[0]?.aborted).toBe(true);
    expect(await one.series('sluice_requests_total{outcome="cancelled"}')).toBe(1);
    expect(other.active.count()).toBe(0);
    expect(await stateAt(one, id)).toBe('TASK_STATE_CANCELED');
  });

  it('ends it where replicas do not hear of each other, too', async () => {
    const clock = createFakeClock();
    const [one, other] = await pair({ clock, model: createScriptedModel(hang) }, 'none');
    const { id } = await begin(one);
    await expect.poll(() => stateAt(other, id)).toBe('TASK_STATE_WORKING');
    let answer: Answer | undefined;
    void call(other, 'CancelTask', { id }).then((come) => (answer = come));
    await expect.poll(() => one.kept.store.tasks.cancelRequested([id])).toEqual([id]);
    await expect
      .poll(() => {
        clock.advance(500);
        return answer?.body.result;
      })
      .toMatchObject({ status: { state: 'TASK_STATE_CANCELED' } });
  });

  it('is refused for what has ended otherwise', async () => {
    const [one, other] = await pair({ model: createScriptedModel(reply('Paid.')) });
    const { task } = (await call(one, 'SendMessage', pay())).body.result as { readonly task: { readonly id: string } };
    expect((await call(other, 'CancelTask', { id: task.id })).body.error).toMatchObject({ code: -32_002 });
  });
});

describe('SubscribeToTask', () => {
  it('follows what another replica works on to its end', async () => {
    const { model, go } = held();
    const [one, other] = await pair({ model });
    const { id } = await begin(one);
    await expect.poll(() => stateAt(other, id)).toBe('TASK_STATE_WORKING');
    const stream = await post(other, 'SubscribeToTask', { id });
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    go();
    expect(told(await stream.text())).toEqual(['TASK_STATE_WORKING', 'answer', 'result', 'TASK_STATE_COMPLETED']);
    expect((await call(other, 'SubscribeToTask', { id })).body.error).toMatchObject({ code: -32_004 });
    expect((await call(other, 'SubscribeToTask', { id }, 'rival')).body.error).toMatchObject({ code: -32_001 });
  });

  it('sends who follows to another replica when this one shuts down, and forgets who has left', async () => {
    const { model, go } = held();
    const [one, other] = await pair({ model });
    const { id } = await begin(one);
    await expect.poll(() => stateAt(other, id)).toBe('TASK_STATE_WORKING');
    const stream = await post(other, 'SubscribeToTask', { id });
    other.active.abortWatches(new ShuttingDown());
    expect(told(await stream.text())).toEqual(['TASK_STATE_WORKING', expect.stringContaining('subscribe again')]);
    const leaving = new AbortController();
    await post(other, 'SubscribeToTask', { id }, 'acme', leaving.signal);
    expect(other.active.count()).toBe(1);
    leaving.abort();
    await expect.poll(() => other.active.count()).toBe(0);
    go();
    await expect.poll(() => stateAt(one, id)).toBe('TASK_STATE_COMPLETED');
  });
});
