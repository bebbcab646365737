import { Role, TaskState, type Message, type Part, type SendMessageRequest, type StreamResponse, type Task } from '@a2a-js/sdk';
import { ClientFactory, type Client } from '@a2a-js/sdk/client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { a2aPath } from '../agent-card/well-known.ts';
import { createFakeClock } from '../platform/clock-fake.ts';
import { StoreError } from '../store/store-error.ts';
import { ticketTool } from '../testing/bundle-fixture.ts';
import { interfacesBundle, listen, type ListeningHarness } from '../testing/interfaces-fixture.ts';
import { createScriptedModel, hang, reply, toolTurn } from '../testing/scripted-model.ts';

let harness: ListeningHarness;

afterEach(async () => {
  await harness?.close();
});

/** The client of the protocol's own makers, that goes by the card; the card names the Service, which tests have not. */
async function connect(): Promise<Client> {
  const factory = new ClientFactory();
  const card = await (await fetch(`${harness.url}/.well-known/agent-card.json`)).json() as { supportedInterfaces: { url: string }[] };
  for (const each of card.supportedInterfaces) each.url = each.url.replace('http://support.shop.svc', harness.url);
  return await factory.createFromAgentCard(card as never);
}

let messages = 0;

function message(text: string, changes: Partial<Message> = {}): SendMessageRequest {
  messages += 1;
  const parts: Part[] = [{ content: { $case: 'text', value: text }, metadata: undefined, filename: '', mediaType: 'text/plain' }];
  return {
    tenant: '',
    message: { messageId: `m-${messages}`, contextId: '', taskId: '', role: Role.ROLE_USER, parts, metadata: undefined, extensions: [], referenceTaskIds: [], ...changes },
    configuration: undefined,
    metadata: undefined,
  };
}

function taskOf(result: Message | Task): Task {
  if (!('status' in result)) throw new Error('a message came instead of a task');
  return result;
}

const textOf = (part: Part | undefined): string => (part?.content?.$case === 'text' ? part.content.value : '');
const stateOf = ({ status }: Pick<Task, 'status'>): TaskState | undefined => status?.state;
const artifactOf = ({ artifacts }: Task, id: string) => artifacts.find(({ artifactId }) => artifactId === id);

async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000 && !isTrue(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(isTrue()).toBe(true);
}

async function collect(stream: AsyncIterable<StreamResponse>): Promise<StreamResponse[]> {
  const events: StreamResponse[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

const post = async (body: unknown, headers: Record<string, string> = { 'a2a-version': '1.0' }): Promise<Response> =>
  await fetch(`${harness.url}${a2aPath}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) });

describe('the client of the protocol', () => {
  it('sends a message and gets the task with its answer and what that rests on', async () => {
    harness = await listen({ model: createScriptedModel(reply('Your order is on its way.')) });
    const task = taskOf(await (await connect()).sendMessage(message('Where is my order?')));
    expect(stateOf(task)).toBe(TaskState.TASK_STATE_COMPLETED);
    expect(artifactOf(task, 'answer')?.parts.map(textOf)).toEqual(['Your order is on its way.']);
    expect(artifactOf(task, 'result')?.parts[0]?.content).toMatchObject({ $case: 'data', value: { status: 'success', policy_version: 'support@r1', evidence: [] } });
    expect(task.history.map(({ parts }) => textOf(parts[0]))).toEqual(['Where is my order?']);
    expect(await harness.series('sluice_requests_total{outcome="success"}')).toBe(1);
  });

  it('gets the task again by its id, until it is told that there is none', async () => {
    harness = await listen({ model: createScriptedModel(reply('Yes.')) });
    const client = await connect();
    const { id } = taskOf(await client.sendMessage(message('Is it open?')));
    expect(stateOf(await client.getTask({ tenant: '', id, historyLength: undefined }))).toBe(TaskState.TASK_STATE_COMPLETED);
    await expect(client.getTask({ tenant: '', id: 'another', historyLength: undefined })).rejects.toThrow(/not found/i);
  });

  it('follows an answer piece by piece: the task, its states, the text, the result, the end', async () => {
    harness = await listen({ model: createScriptedModel(reply('Your order is on its way.')) });
    const events = await collect((await connect()).sendMessageStream(message('Where is my order?')));
    const kinds = events.map(({ payload }) => payload?.$case);
    expect(kinds[0]).toBe('task');
    expect(kinds.at(-1)).toBe('statusUpdate');
    const text = events.map(({ payload }) => (payload?.$case === 'artifactUpdate' && payload.value.artifact?.artifactId === 'answer' ? textOf(payload.value.artifact.parts[0]) : '')).join('');
    expect(text).toBe('Your order is on its way.');
    const states = events.flatMap(({ payload }) => (payload?.$case === 'statusUpdate' ? [payload.value.status?.state] : []));
    expect(states).toEqual([TaskState.TASK_STATE_WORKING, TaskState.TASK_STATE_COMPLETED]);
  });

  it('is told to begin anew where text was no part of the answer', async () => {
    harness = await listen({ model: createScriptedModel({ ...toolTurn('no_such_tool', {}), text: 'Let me look. ' }, reply('It is open.')) });
    const client = await connect();
    const events = await collect(client.sendMessageStream(message('Is it open?')));
    const begins = events.flatMap(({ payload }) => (payload?.$case === 'artifactUpdate' && payload.value.artifact?.artifactId === 'answer' ? [payload.value] : [])).filter(({ append }) => !append);
    expect(begins.map(({ artifact }) => textOf(artifact?.parts[0]))).toEqual(['Let ', 'It ']);
    const first = events[0]?.payload;
    const task = await client.getTask({ tenant: '', id: first?.$case === 'task' ? first.value.id : '', historyLength: undefined });
    expect(artifactOf(task, 'answer')?.parts.map(textOf).join('')).toBe('It is open.');
  });

  it('cancels a task, whose work ends and is counted so', async () => {
    const model = createScriptedModel(hang);
    harness = await listen({ model });
    const client = await connect();
    const request = { ...message('Are you there?'), configuration: { acceptedOutputModes: [], taskPushNotificationConfig: undefined, historyLength: undefined, returnImmediately: true } };
    const { id } = taskOf(await client.sendMessage(request));
    await until(() => model.signals.length === 1);
    expect(stateOf(await client.cancelTask({ tenant: '', id, metadata: undefined }))).toBe(TaskState.TASK_STATE_CANCELED);
    expect(model.signals[0]?.aborted).toBe(true);
    await until(() => harness.active.count() === 0);
    expect(await harness.series('sluice_requests_total{outcome="cancelled"}')).toBe(1);
  });

  it('leaves a stream and comes back to the task, which has gone on', async () => {
    const turn = Promise.withResolvers<void>();
    harness = await listen({
      model: createScriptedModel(async () => {
        await turn.promise;
        return reply('Here I am.');
      }),
    });
    const client = await connect();
    const left = new AbortController();
    let id = '';
    for await (const { payload } of client.sendMessageStream(message('Are you there?'), { signal: left.signal })) {
      if (payload?.$case === 'task') id = payload.value.id;
      if (payload?.$case === 'statusUpdate') break;
    }
    left.abort();
    const again = client.resubscribeTask({ tenant: '', id });
    expect((await again.next()).value).toMatchObject({ payload: { $case: 'task', value: { status: { state: TaskState.TASK_STATE_WORKING } } } });
    turn.resolve();
    const events = await collect(again);
    expect(events.at(-1)?.payload).toMatchObject({ $case: 'statusUpdate', value: { status: { state: TaskState.TASK_STATE_COMPLETED } } });
    const task = await client.getTask({ tenant: '', id, historyLength: undefined });
    expect(artifactOf(task, 'answer')?.parts.map(textOf).join('')).toBe('Here I am.');
  });
});

describe('a task that is not answered', () => {
  it('is rejected when the agent has no place for it, and says when to come back', async () => {
    const bundle = interfacesBundle({}, { limits: { requestTimeoutMs: 10_000, maxConcurrentRequests: 1, maxQueuedRequests: 0, maxModelTurns: 4, maxInputCharacters: 100 } });
    const model = createScriptedModel(hang);
    harness = await listen({ bundle, model });
    const client = await connect();
    const first = client.sendMessage(message('One.'));
    await until(() => model.signals.length === 1);
    const busy = taskOf(await client.sendMessage(message('Two.')));
    expect(stateOf(busy)).toBe(TaskState.TASK_STATE_REJECTED);
    expect(busy.metadata).toMatchObject({ problem: { type: 'urn:sluice:problem:overloaded', retry_after_seconds: 1 } });
    harness.active.abortAll(new Error('the test ends'));
    expect(stateOf(taskOf(await first))).toBe(TaskState.TASK_STATE_FAILED);
  });

  it('fails with words when the agent takes too long', async () => {
    const clock = createFakeClock();
    const model = createScriptedModel(hang);
    harness = await listen({ clock, model });
    const waiting = (await connect()).sendMessage(message('Are you there?'));
    await until(() => model.signals.length === 1);
    clock.advance(10_000);
    const task = taskOf(await waiting);
    expect(stateOf(task)).toBe(TaskState.TASK_STATE_FAILED);
    expect(textOf(task.status?.message?.parts[0])).toContain('limits.requestTimeout');
  });

  it('is rejected by the rule that does not allow it', async () => {
    const bundle = interfacesBundle({}, { guardrails: { input: [{ name: 'no-secrets', action: 'Block', deny: { patterns: ['secret'] } }] } as never });
    harness = await listen({ bundle, model: createScriptedModel(reply('Never.')) });
    const task = taskOf(await (await connect()).sendMessage(message('Tell me the secret.')));
    expect(stateOf(task)).toBe(TaskState.TASK_STATE_REJECTED);
    expect(artifactOf(task, 'result')?.parts[0]?.content).toMatchObject({ value: { blocked_by_rule: 'no-secrets' } });
  });
});

describe('the server of the protocol answers explicitly', () => {
  const send = { jsonrpc: '2.0', id: 7, method: 'message/send', params: { message: { kind: 'message', messageId: 'm', role: 'user', parts: [{ kind: 'text', text: 'Hello?' }] } } };

  it.each<[string, Record<string, string>]>([['without a version', {}], ['of 0.3', { 'a2a-version': '0.3' }], ['of 2.0', { 'a2a-version': '2.0' }]])('a client %s', async (_, headers) => {
    harness = await listen({ model: createScriptedModel(reply('Hello.')) });
    const response = await post(send, headers);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ jsonrpc: '2.0', id: 7, error: { code: -32009, message: expect.stringContaining('A2A-Version: 1.0') } });
  });

  it.each<[string, unknown, number, RegExp]>([
    ['a method that it has not', { ...send, method: 'Fly' }, -32601, /./],
    ['a body that is no request', [send], -32600, /one JSON-RPC 2.0 request/],
    ['a request of another version', { ...send, jsonrpc: '1.0' }, -32600, /one JSON-RPC 2.0 request/],
    ['a part that is none', { ...send, method: 'SendMessage', params: { message: { messageId: 'm', role: 'ROLE_USER', parts: [null] } } }, -32602, /of the wrong type/],
    ['metadata that nobody could copy', { ...send, method: 'SendMessage', params: { message: { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'Hi' }], metadata: { deep: JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)) } } } }, -32602, /64 levels/],
    ['a tenant that is no text', { ...send, method: 'SendMessage', params: { tenant: { a: 1 }, message: { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'Hi' }] } } }, -32602, /params.tenant/],
    ['a tenant that is a book', { ...send, method: 'GetTask', params: { tenant: 'x'.repeat(257), id: 't' } }, -32602, /params.tenant/],
    ['a message without text', { ...send, method: 'SendMessage', params: { message: { messageId: 'm', role: 'ROLE_USER', parts: [] } } }, -32602, /must hold a text/],
    ['a message with a file', { ...send, method: 'SendMessage', params: { message: { messageId: 'm', role: 'ROLE_USER', parts: [{ url: 'https://a.example.com/x.png' }] } } }, -32005, /parts of text only/],
    ['a message that is too long', { ...send, method: 'SendMessage', params: { message: { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'x'.repeat(1_001) }] } } }, -32602, /limits.maxInputCharacters/],
    ['a wish for a list of everybody’s tasks', { ...send, method: 'ListTasks', params: {} }, -32004, /with credentials only/],
    ['a wish for push notifications', { ...send, method: 'CreateTaskPushNotificationConfig', params: { taskId: 't', url: 'https://a.example.com' } }, -32003, /./],
  ])('%s', async (_, body, code, words) => {
    harness = await listen({ model: createScriptedModel(reply('Hello.')) });
    const answer = await (await post(body)).json();
    expect(answer).toMatchObject({ jsonrpc: '2.0', error: { code, message: expect.stringMatching(words) } });
  });

  it('a message that refers to tasks which nobody knows, and the console nothing', async () => {
    const said: unknown[] = [];
    const consoles = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')].map((spy) => spy.mockImplementation((...words) => void said.push(words)));
    harness = await listen({ model: createScriptedModel(reply('Hello.')) });
    const task = taskOf(await (await connect()).sendMessage(message('Hi', { referenceTaskIds: ['no-such-task\nforged line'] })));
    expect(stateOf(task)).toBe(TaskState.TASK_STATE_COMPLETED);
    expect(said).toEqual([]);
    for (const spy of consoles) spy.mockRestore();
  });

  it('a body that is no JSON', async () => {
    harness = await listen({ model: createScriptedModel(reply('Hello.')) });
    const response = await post('{"jsonrpc":');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ id: null, error: { code: -32700 } });
  });

  it('a message for a task that runs', async () => {
    const model = createScriptedModel(hang);
    harness = await listen({ model });
    const client = await connect();
    const started = client.sendMessageStream(message('One.'))[Symbol.asyncIterator]();
    const first = (await started.next()).value as StreamResponse;
    const taskId = first.payload?.$case === 'task' ? first.payload.value.id : '';
    await expect(client.sendMessage(message('Two.', { taskId }))).rejects.toThrow(/answers one message/);
    harness.active.abortAll(new Error('the test ends'));
    while ((await started.next()).done !== true);
  });
});

describe('the end of the process', () => {
  it('waits for a task whose caller has left', async () => {
    const turn = Promise.withResolvers<void>();
    const model = createScriptedModel(async () => {
      await turn.promise;
      return reply('Done.');
    });
    harness = await listen({ model });
    const request = { ...message('Work.'), configuration: { acceptedOutputModes: [], taskPushNotificationConfig: undefined, historyLength: undefined, returnImmediately: true } };
    await (await connect()).sendMessage(request);
    await until(() => model.signals.length === 1);
    harness.app.server.closeIdleConnections();
    let closed = false;
    const closing = harness.app.close().then(() => (closed = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(closed).toBe(false);
    turn.resolve();
    await closing;
    expect(await harness.series('sluice_requests_total{outcome="success"}')).toBe(1);
  });
});

describe('a message that is sent again', () => {
  const again = { messageId: 'the-same' };

  it('is answered with its first task, whole or as a stream, and asks the agent once', async () => {
    const model = createScriptedModel(reply('Paid.'), reply('Paid once more.'));
    harness = await listen({ model });
    const client = await connect();
    const first = taskOf(await client.sendMessage(message('Pay.', again)));
    expect(taskOf(await client.sendMessage(message('Pay.', again)))).toEqual(first);
    const events = await collect(client.sendMessageStream(message('Pay.', again)));
    expect(events.map(({ payload }) => payload?.value)).toEqual([first]);
    expect(await harness.series('sluice_requests_total{outcome="success"}')).toBe(1);
  });

  it('is answered with as much of the history as is asked for', async () => {
    harness = await listen({ model: createScriptedModel(reply('Paid.')) });
    const client = await connect();
    await client.sendMessage(message('Pay.', again));
    const configuration = { acceptedOutputModes: [], taskPushNotificationConfig: undefined, historyLength: 0, returnImmediately: false };
    expect(taskOf(await client.sendMessage({ ...message('Pay.', again), configuration })).history).toEqual([]);
  });

  it('follows the task while it runs', async () => {
    const turn = Promise.withResolvers<void>();
    const model = createScriptedModel(async () => {
      await turn.promise;
      return reply('Paid.');
    });
    harness = await listen({ model });
    const client = await connect();
    const first = client.sendMessage(message('Pay.', again));
    await until(() => model.signals.length === 1);
    const configuration = { acceptedOutputModes: [], taskPushNotificationConfig: undefined, historyLength: undefined, returnImmediately: true };
    const now = taskOf(await client.sendMessage({ ...message('Pay.', again), configuration }));
    expect(stateOf(now)).toBe(TaskState.TASK_STATE_WORKING);
    const stream = client.sendMessageStream(message('Pay.', again))[Symbol.asyncIterator]();
    expect((await stream.next()).value).toMatchObject({ payload: { $case: 'task', value: { id: now.id, status: { state: TaskState.TASK_STATE_WORKING } } } });
    const waiting = client.sendMessage(message('Pay.', again));
    turn.resolve();
    const done = taskOf(await first);
    expect(done.id).toBe(now.id);
    expect(taskOf(await waiting)).toEqual(done);
    const rest: StreamResponse[] = [];
    for (let next = await stream.next(); next.done !== true; next = await stream.next()) rest.push(next.value);
    expect(rest.at(-1)?.payload).toMatchObject({ $case: 'statusUpdate', value: { status: { state: TaskState.TASK_STATE_COMPLETED } } });
    expect(model.signals).toHaveLength(1);
  });

  it('is answered with its first task at another replica, also while the first works on it', async () => {
    const turn = Promise.withResolvers<void>();
    const model = createScriptedModel(async () => {
      await turn.promise;
      return reply('Paid.');
    });
    const one = await listen({ model });
    harness = one;
    const first = (await connect()).sendMessage(message('Pay.', again));
    await until(() => model.signals.length === 1);
    const clock = createFakeClock();
    const other = await listen({ clock, model: createScriptedModel(reply('Paid twice.')), state: { idempotency: one.kept.state.idempotency } });
    try {
      harness = other;
      const come = vi.fn();
      const second = (await connect()).sendMessage(message('Pay.', again)).finally(come);
      await until(() => other.active.count() === 1);
      clock.advance(5_000);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(come).not.toHaveBeenCalled();
      turn.resolve();
      const done = taskOf(await first);
      for (let look = 0; look < 200 && come.mock.calls.length === 0; look += 1) {
        clock.advance(100);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      expect(taskOf(await second)).toEqual(done);
      expect(await other.series('sluice_requests_total{outcome="success"}')).toBeFalsy();
    } finally {
      await one.close();
    }
  });

  it('is refused when it says something else', async () => {
    harness = await listen({ model: createScriptedModel(reply('Paid.')) });
    const client = await connect();
    await client.sendMessage(message('Pay 10.', again));
    await expect(client.sendMessage(message('Pay 20.', again))).rejects.toThrow(/messageId was used for another message; make a new one/);
    await expect(client.sendMessage(message('Pay 10.', { ...again, metadata: { user_id: 'bo' } }))).rejects.toThrow(/used for another message/);
  });

  it('may be asked again when the agent never began with it', async () => {
    const bundle = interfacesBundle({}, { limits: { requestTimeoutMs: 10_000, maxConcurrentRequests: 1, maxQueuedRequests: 0, maxModelTurns: 4, maxInputCharacters: 100 } });
    const turn = Promise.withResolvers<void>();
    const model = createScriptedModel(async () => {
      await turn.promise;
      return reply('One.');
    }, reply('Paid.'));
    harness = await listen({ bundle, model });
    const client = await connect();
    const first = client.sendMessage(message('One.'));
    await until(() => model.signals.length === 1);
    expect(stateOf(taskOf(await client.sendMessage(message('Pay.', again))))).toBe(TaskState.TASK_STATE_REJECTED);
    turn.resolve();
    await first;
    expect(stateOf(taskOf(await client.sendMessage(message('Pay.', again))))).toBe(TaskState.TASK_STATE_COMPLETED);
  });

  it('is answered with the task that failed: what it wrote before must not be written again', async () => {
    const model = createScriptedModel(hang);
    harness = await listen({ model });
    const client = await connect();
    const first = client.sendMessage(message('Pay.', again));
    await until(() => model.signals.length === 1);
    harness.active.abortAll(new Error('the pod ends'));
    const failed = taskOf(await first);
    expect(stateOf(failed)).toBe(TaskState.TASK_STATE_FAILED);
    expect(taskOf(await client.sendMessage(message('Pay.', again)))).toEqual(failed);
  });

  it.each([['none', ''], ['a book', 'x'.repeat(256)], ['with control characters', 'a\u0000b']])('an id that is %s is refused', async (_, messageId) => {
    harness = await listen({ model: createScriptedModel(reply('Paid.')) });
    await expect((await connect()).sendMessage(message('Pay.', { messageId }))).rejects.toThrow(/params.message.messageId must be 1 to 255 characters/);
  });
});

describe('a store that is out of reach', () => {
  const gone = (): never => {
    throw new StoreError('unavailable', 'the store is out of reach');
  };
  const idempotency = { begin: async () => gone(), renew: async () => gone(), complete: async () => gone(), release: async () => gone(), prune: async () => gone() };

  it('leaves an agent that only reads at work', async () => {
    harness = await listen({ model: createScriptedModel(reply('Yes.')), state: { idempotency } });
    expect(stateOf(taskOf(await (await connect()).sendMessage(message('Is it open?'))))).toBe(TaskState.TASK_STATE_COMPLETED);
  });

  it('stops one that writes, as a message sent again could write again', async () => {
    harness = await listen({ bundle: interfacesBundle({}, { tools: [ticketTool({ effect: 'Write' })] }), model: createScriptedModel(reply('Paid.')), state: { idempotency } });
    const answer = await post({ jsonrpc: '2.0', id: 1, method: 'SendMessage', params: { message: { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'Pay.' }] } } });
    expect(answer.status).toBe(503);
  });
});
