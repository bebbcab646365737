import OpenAI, { APIConnectionTimeoutError, APIError, AuthenticationError, InternalServerError, RateLimitError } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator, type RunningSimulator } from '../running-simulator.ts';

type Params = OpenAI.Chat.ChatCompletionCreateParamsNonStreaming;

const tools: OpenAI.Chat.ChatCompletionTool[] = [
  { type: 'function', function: { name: 'order_status', description: 'Look up the status of an order.', parameters: { type: 'object', properties: { order_id: { type: 'string' } }, required: ['order_id'] } } },
];
const refund: Params = { model: 'sim-large', messages: [{ role: 'system', content: 'Refunds are given within 30 days.' }, { role: 'user', content: 'How do refunds work?' }] };
const orders: Params = { ...refund, tools, messages: [{ role: 'user', content: 'Where are orders 1042 and 1043?' }] };

let simulator: RunningSimulator;
let client: OpenAI;

beforeAll(async () => {
  simulator = await startSimulator();
  client = new OpenAI({ apiKey: 'test-key', baseURL: `${simulator.url}/v1`, maxRetries: 0, timeout: 20_000, logLevel: 'off' });
});
beforeEach(() => simulator.setScript({}));
afterAll(() => simulator.close());

async function streamed({ stream: _stream, ...params }: Params): Promise<OpenAI.Chat.ChatCompletion> {
  return client.chat.completions.stream(params).finalChatCompletion();
}

async function afterResults(completion: OpenAI.Chat.ChatCompletion, content: string): Promise<string | null | undefined> {
  const message = completion.choices[0]!.message;
  const answers = message.tool_calls!.map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content }));
  const last = await client.chat.completions.create({ ...orders, messages: [...orders.messages, message, ...answers] });
  return last.choices[0]?.message.content;
}

describe('without streaming', () => {
  it('answers from the system prompt, with usage and request id', async () => {
    const completion = await client.chat.completions.create(refund);
    expect(completion).toMatchObject({ object: 'chat.completion', model: 'sim-large', choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Refunds are given within 30 days.' } }] });
    const usage = completion.usage!;
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
    expect(usage.prompt_tokens).toBeGreaterThan(10);
    expect(completion._request_id).toMatch(/^req_/u);
  });

  it('takes a developer message and content parts', async () => {
    const completion = await client.chat.completions.create({ ...refund, messages: [{ role: 'developer', content: 'Refunds never.' }, { role: 'user', content: [{ type: 'text', text: 'refunds?' }] }] });
    expect(completion.choices[0]?.message.content).toBe('Refunds never.');
  });

  it.each([{ max_tokens: 2 }, { max_completion_tokens: 2 }])('stops at %j', async (limit) => {
    const completion = await client.chat.completions.create({ ...refund, ...limit });
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: 'Refunds' } });
    expect(completion.usage?.completion_tokens).toBe(2);
  });

  it('calls tools in parallel and answers with their results', async () => {
    const completion = await client.chat.completions.create(orders);
    const choice = completion.choices[0]!;
    expect(choice).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
    expect(choice.message.tool_calls?.map((call) => (call.type === 'function' ? JSON.parse(call.function.arguments) : null) as unknown)).toEqual([{ order_id: '1042' }, { order_id: '1043' }]);
    expect(await afterResults(completion, '{"status":"shipped"}')).toContain('1043: status shipped');
    expect(await afterResults(completion, '{"error":"timeout"}')).toContain('could not look up 1042');
  });

  it('obeys parallel_tool_calls and tool_choice', async () => {
    const single = await client.chat.completions.create({ ...orders, parallel_tool_calls: false });
    expect(single.choices[0]?.message.tool_calls).toHaveLength(1);
    const none = await client.chat.completions.create({ ...orders, tool_choice: 'none' });
    expect(none.choices[0]?.message.tool_calls).toBeUndefined();
  });

  it('lists models', async () => {
    const models: string[] = [];
    for await (const model of client.models.list()) models.push(model.id);
    expect(models).toEqual(['sim-large', 'sim-small']);
  });
});

describe('streaming', () => {
  it('ends with a usage chunk when asked for it', async () => {
    const chunks: OpenAI.Chat.ChatCompletionChunk[] = [];
    const stream = await client.chat.completions.create({ ...refund, stream: true, stream_options: { include_usage: true } });
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Refunds are given within 30 days.');
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: expect.any(Number) as number } });
    expect(chunks[0]?.usage).toBeNull();
  });

  it('has no usage when not asked, and says [DONE]', async () => {
    const response = await fetch(`${simulator.url}/v1/chat/completions`, { method: 'POST', headers: { authorization: 'Bearer k', 'content-type': 'application/json' }, body: JSON.stringify({ ...refund, stream: true }) });
    const body = await response.text();
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(body).not.toContain('usage');
    expect(body.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('accumulates parallel tool calls', async () => {
    const completion = await streamed(orders);
    const calls = completion.choices[0]?.message.tool_calls?.map((call) => (call.type === 'function' ? call.function.arguments : ''));
    expect(calls).toEqual(['{"order_id":"1042"}', '{"order_id":"1043"}']);
    expect(completion.choices[0]?.finish_reason).toBe('tool_calls');
  });
});

describe('errors', () => {
  it.each([
    [429, RateLimitError, 'rate_limit_exceeded', 'requests'],
    [500, InternalServerError, null, 'server_error'],
    [503, InternalServerError, null, 'server_error'],
    [529, InternalServerError, null, 'server_error'],
  ])('%d', async (status, type, code, name) => {
    await simulator.setScript({ rules: [{ respond: { status, retryAfter: 2 } }] });
    const error: unknown = await client.chat.completions.create(refund).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ status, code, type: name, requestID: expect.stringMatching(/^req_/u) as string });
    expect((error as APIError).headers?.get('retry-after')).toBe('2');
  });

  it('asks for a valid key', async () => {
    await simulator.setScript({ apiKeys: ['right'] });
    await expect(client.chat.completions.create(refund)).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
    await expect(client.models.list()).rejects.toThrow(AuthenticationError);
  });

  it.each([
    ['no messages', { model: 'm', messages: [] }, 'messages'],
    ['a stray tool message', { ...refund, messages: [{ role: 'tool', tool_call_id: 'call_9', content: '' }] }, 'messages.[0].role'],
    ['an unanswered tool call', { ...orders, messages: [{ role: 'assistant', tool_calls: [{ id: 'call_8', type: 'function', function: { name: 'order_status', arguments: '{}' } }] }, { role: 'user', content: 'and?' }] }, 'messages.[1].role'],
    ['two choices', { ...refund, n: 2 }, 'n'],
  ])('refuses %s', async (_name, params, param) => {
    await expect(client.chat.completions.create(params as Params)).rejects.toMatchObject({ status: 400, type: 'invalid_request_error', param });
  });

  it('hangs until the client gives up', async () => {
    await simulator.setScript({ rules: [{ respond: { hang: true } }] });
    await expect(client.chat.completions.create(refund, { timeout: 100 })).rejects.toThrow(APIConnectionTimeoutError);
  });

  it('cuts the stream', async () => {
    await simulator.setScript({ rules: [{ respond: { cutStreamAfterEvents: 2 } }] });
    await expect(streamed(refund)).rejects.toThrow();
    await expect.poll(async () => (await simulator.requests()).at(-1)?.outcome).toBe('cut');
  });

  it('sends an error in the stream', async () => {
    await simulator.setScript({ rules: [{ respond: { errorStreamAfterEvents: 2 } }] });
    await expect(streamed(refund)).rejects.toThrow(/Overloaded/u);
  });

  it('sends JSON that is none', async () => {
    await simulator.setScript({ rules: [{ respond: { malformedJson: true } }] });
    await expect(client.chat.completions.create(refund)).rejects.toThrow(SyntaxError);
    await expect(streamed(refund)).rejects.toThrow(/JSON/u);
  });

  it('answers with what the script says', async () => {
    await simulator.setScript({ rules: [{ match: { userContains: 'refunds' }, respond: { answer: 'Ask my boss.', latency: { fixedMs: 1 }, eventDelayMs: 1 } }, { respond: { toolCalls: [{ name: 'order_status', arguments: { order_id: '7' } }] } }] });
    expect((await client.chat.completions.create(refund)).choices[0]?.message.content).toBe('Ask my boss.');
    expect((await streamed(orders)).choices[0]?.message.tool_calls).toMatchObject([{ function: { name: 'order_status', arguments: '{"order_id":"7"}' } }]);
  });
});
