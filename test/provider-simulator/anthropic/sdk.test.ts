import Anthropic, { APIConnectionTimeoutError, APIError, APIUserAbortError, AnthropicError, AuthenticationError, BadRequestError, InternalServerError, NotFoundError, PermissionDeniedError, RateLimitError } from '@anthropic-ai/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator, type RunningSimulator } from '../running-simulator.ts';

const system = 'You are a support agent. Refunds are given within 30 days.';
const tools: Anthropic.Tool[] = [{ name: 'order_status', description: 'Look up the status of an order.', input_schema: { type: 'object', properties: { order_id: { type: 'string' } }, required: ['order_id'] } }];
const refund: Anthropic.MessageCreateParamsNonStreaming = { model: 'sim-large', max_tokens: 200, system, messages: [{ role: 'user', content: 'How do refunds work?' }] };
const orders: Anthropic.MessageCreateParamsNonStreaming = { ...refund, tools, messages: [{ role: 'user', content: 'Where are orders 1042 and 1043?' }] };

let simulator: RunningSimulator;
let client: Anthropic;

beforeAll(async () => {
  simulator = await startSimulator();
  client = new Anthropic({ apiKey: 'test-key', baseURL: simulator.url, maxRetries: 0, timeout: 20_000, logLevel: 'off' });
});
beforeEach(() => simulator.setScript({}));
afterAll(() => simulator.close());

async function results(message: Anthropic.Message, result: Omit<Anthropic.ToolResultBlockParam, 'tool_use_id' | 'type'>): Promise<Anthropic.Message> {
  const uses = message.content.filter((block) => block.type === 'tool_use');
  const answers = uses.map(({ id }): Anthropic.ToolResultBlockParam => ({ ...result, type: 'tool_result', tool_use_id: id }));
  return client.messages.create({ ...orders, messages: [...orders.messages, { role: 'assistant', content: message.content }, { role: 'user', content: answers }] });
}

function textOf(message: Anthropic.Message): string {
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

describe('without streaming', () => {
  it('answers from the system prompt, with usage and request id', async () => {
    const { data, request_id: requestId } = await client.messages.create(refund).withResponse();
    expect(data).toMatchObject({ type: 'message', role: 'assistant', model: 'sim-large', stop_reason: 'end_turn', content: [{ type: 'text', text: 'Refunds are given within 30 days.' }] });
    expect(data.usage.input_tokens).toBeGreaterThan(10);
    expect(data.usage.output_tokens).toBeGreaterThan(5);
    expect(requestId).toMatch(/^req_/u);
  });

  it('takes the system prompt in blocks', async () => {
    const message = await client.messages.create({ ...refund, system: [{ type: 'text', text: 'Refunds never.' }] });
    expect(textOf(message)).toBe('Refunds never.');
  });

  it('stops at max_tokens', async () => {
    const message = await client.messages.create({ ...refund, max_tokens: 2 });
    expect(message).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 2 }, content: [{ text: 'Refunds' }] });
  });

  it('stops at a stop sequence', async () => {
    expect(await client.messages.create({ ...refund, stop_sequences: [' within'] })).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: ' within', content: [{ text: 'Refunds are given' }] });
  });

  it('calls tools in parallel and answers with their results', async () => {
    const asked = await client.messages.create(orders);
    expect(asked.stop_reason).toBe('tool_use');
    expect(asked.content.filter((block) => block.type === 'tool_use').map(({ input }) => input)).toEqual([{ order_id: '1042' }, { order_id: '1043' }]);
    expect(textOf(await results(asked, { content: '{"status":"shipped"}' }))).toBe('Here is what I found for 1042: status shipped. Here is what I found for 1043: status shipped.');
    expect(textOf(await results(asked, { content: [{ type: 'text', text: 'timeout' }], is_error: true }))).toContain('could not look up 1042');
  });
});

describe('streaming', () => {
  it('sends the event sequence of the real API', async () => {
    const types: string[] = [];
    const stream = await client.messages.create({ ...refund, stream: true });
    for await (const event of stream) types.push(event.type);
    expect(types.filter((type, index) => type !== types[index - 1])).toEqual(['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop']);
    const raw = await fetch(`${simulator.url}/v1/messages`, { method: 'POST', headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01', 'content-type': 'application/json' }, body: JSON.stringify({ ...refund, stream: true }) });
    expect(await raw.text()).toContain('event: ping\ndata: {"type":"ping"}\n\n');
  });

  it.each([
    ['a text', refund],
    ['parallel tool calls', orders],
  ])('accumulates %s to the same message', async (_name, params) => {
    const streamed = await client.messages.stream(params).finalMessage();
    const plain = await client.messages.create(params);
    const withoutIds = (message: Anthropic.Message): unknown => message.content.map((block) => ({ ...block, id: '' }));
    expect(withoutIds(streamed)).toEqual(withoutIds(plain));
    expect(streamed.stop_reason).toBe(plain.stop_reason);
    expect(streamed.usage.output_tokens).toBe(plain.usage.output_tokens);
  });
});

describe('errors', () => {
  it.each([
    [429, RateLimitError, 'rate_limit_error'],
    [529, InternalServerError, 'overloaded_error'],
    [500, InternalServerError, 'api_error'],
    [403, PermissionDeniedError, 'permission_error'],
  ])('%d', async (status, type, name) => {
    await simulator.setScript({ rules: [{ respond: { status, retryAfter: 7, message: 'busy' } }] });
    const error: unknown = await client.messages.create(refund).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ status, type: name, apiMessage: 'busy', requestID: expect.stringMatching(/^req_/u) as string });
    expect((error as APIError).headers?.get('retry-after')).toBe('7');
  });

  it('ends when the SDK retries past a spent rule', async () => {
    await simulator.setScript({ rules: [{ times: 2, respond: { status: 529, retryAfter: 0 } }] });
    expect(textOf(await client.messages.create(refund, { maxRetries: 2 }))).toBe('Refunds are given within 30 days.');
  });

  it('asks for a valid key', async () => {
    await simulator.setScript({ apiKeys: ['right'] });
    await expect(client.messages.create(refund)).rejects.toThrow(AuthenticationError);
    const right = new Anthropic({ apiKey: 'right', baseURL: simulator.url, maxRetries: 0 });
    expect((await right.messages.create(refund)).type).toBe('message');
  });

  it.each([
    ['no max_tokens', { model: 'm', messages: [{ role: 'user', content: 'x' }] }, /max_tokens/u],
    ['a stray tool_result', { ...refund, messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_9', content: '' }] }] }, /toolu_9/u],
    ['an unanswered tool_use', { ...orders, messages: [...orders.messages, { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_8', name: 'order_status', input: {} }] }, { role: 'user', content: 'and?' }] }, /toolu_8/u],
  ])('refuses %s', async (_name, params, message) => {
    const call = client.messages.create(params as unknown as Anthropic.MessageCreateParamsNonStreaming);
    await expect(call).rejects.toThrow(BadRequestError);
    await expect(call).rejects.toThrow(message);
  });

  it('refuses a model that does not exist', async () => {
    await simulator.setScript({ models: ['sim-small'] });
    await expect(client.messages.create(refund)).rejects.toThrow(NotFoundError);
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['sim-small']);
  });

  it('hangs until the client gives up, and records it', async () => {
    await simulator.setScript({ rules: [{ respond: { hang: true } }] });
    await expect(client.messages.create(refund, { timeout: 100 })).rejects.toThrow(APIConnectionTimeoutError);
    await expect.poll(async () => (await simulator.requests()).at(-1)?.outcome).toBe('hang');
  });

  it('cuts the body of an answer', async () => {
    await simulator.setScript({ rules: [{ respond: { cutStreamAfterEvents: 0 } }] });
    await expect(client.messages.create(refund)).rejects.toThrow();
  });

  it.each([0, 3])('cuts the stream after %d events', async (events) => {
    await simulator.setScript({ rules: [{ respond: { cutStreamAfterEvents: events } }] });
    await expect(client.messages.stream(refund).finalMessage()).rejects.toThrow(AnthropicError);
  });

  it('sends an error event in the stream', async () => {
    await simulator.setScript({ rules: [{ respond: { errorStreamAfterEvents: 3 } }] });
    await expect(client.messages.stream(refund).finalMessage()).rejects.toMatchObject({ type: 'overloaded_error' });
  });

  it('stalls in the stream until the client gives up', async () => {
    await simulator.setScript({ rules: [{ respond: { hangStreamAfterEvents: 3 } }] });
    await expect(client.messages.stream(refund, { signal: AbortSignal.timeout(300) }).finalMessage()).rejects.toThrow(APIUserAbortError);
    await expect.poll(async () => (await simulator.requests()).at(-1)?.outcome).toBe('stream-hang');
  });

  it('sends JSON that is none', async () => {
    await simulator.setScript({ rules: [{ respond: { malformedJson: true } }] });
    await expect(client.messages.create(refund)).rejects.toThrow(SyntaxError);
    await expect(client.messages.stream(refund).finalMessage()).rejects.toThrow(/JSON/u);
  });
});
