import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../platform/clock-system.ts';
import { bundleFixture } from '../testing/bundle-fixture.ts';
import { startLoopbackServer, type LoopbackServer, type Respond } from '../testing/loopback-server.ts';
import { createModelClient, type OpenModelClient } from './create-model-client.ts';
import type { ModelReply, ModelRequest } from './model-client.ts';

const request: ModelRequest = { settings: { name: 'model-1', maxOutputTokens: 64 }, system: 'You help customers.', messages: [{ role: 'user', text: 'Ticket 7?' }], tools: [] };
const opened: { readonly server: LoopbackServer; readonly client: OpenModelClient }[] = [];

afterEach(async () => {
  for (const { client, server } of opened.splice(0)) {
    await client.close();
    await server.close();
  }
});

const json = (body: object): Respond => (_exchange, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const events = (...all: readonly object[]): Respond => (_exchange, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(all.map((each) => `${'type' in each ? `event: ${String(each.type)}\n` : ''}data: ${JSON.stringify(each)}\n\n`).join(''));
};

async function ask(kind: 'OpenAI' | 'Anthropic', respond: Respond, form: 'whole' | 'streamed' = 'whole'): Promise<{ readonly reply: ModelReply; readonly outcomes: readonly string[] }> {
  const server = await startLoopbackServer(respond);
  const outcomes: string[] = [];
  const base = bundleFixture();
  const bundle = { ...base, model: { ...base.model, provider: { kind, endpoint: `${server.url}${kind === 'OpenAI' ? '/v1' : ''}` } } };
  const key = { current: () => 'sk-1', reload: () => 'same' as const, secrets: () => [] };
  const client = await createModelClient({ bundle, key, clock: systemClock, random: { fraction: () => 0, id: () => 'x' }, observe: ({ outcome }) => outcomes.push(outcome) });
  opened.push({ server, client });
  const options = { signal: new AbortController().signal, ...(form === 'streamed' ? { onText: () => {} } : {}) };
  return { reply: await client.complete(request, options), outcomes };
}

const counted = { prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 };
const chat = (message: object, usage: unknown = counted): Respond => json({ choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop' }], usage });
const call = (called: object): object => ({ content: null, tool_calls: [{ id: 'c1', type: 'function', function: called }] });
const chunks = (delta: object, usage: unknown = counted): Respond => events({ choices: [{ index: 0, delta, finish_reason: null }] }, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }, { choices: [], usage });

const start = (usage: object = { input_tokens: 11, output_tokens: 1 }): object => ({ type: 'message_start', message: { id: 'm', type: 'message', role: 'assistant', content: [], usage } });
const text = (value: unknown): object[] => [{ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }, { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: value } }, { type: 'content_block_stop', index: 0 }];
const end = (output: unknown = 5): object[] => [{ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: output } }, { type: 'message_stop' }];
const message = (content: unknown, usage: object = { input_tokens: 11, output_tokens: 5 }): Respond => json({ id: 'm', type: 'message', role: 'assistant', content, stop_reason: 'end_turn', usage });

describe('a reply whose members have other types than its format', () => {
  it.each([
    ['a number as the text', chat({ content: 7 })],
    ['numbers within the text', chat({ content: ['a', 7] })],
    ['a number as the name of a tool', chat(call({ name: 5, arguments: '{}' }))],
    ['a number as the arguments', chat(call({ name: 'ticket_read', arguments: 5 }))],
    ['a call without a function', chat({ content: null, tool_calls: [{ id: 'c1', type: 'function' }] })],
    ['no message', json({ choices: [{}] })],
  ])('cannot be read: %s (OpenAI), and is tried again', async (_what, respond) => {
    await expect(ask('OpenAI', respond)).rejects.toMatchObject({ failure: 'invalid_reply' });
    expect(opened[0]?.server.exchanges).toHaveLength(3);
  });

  it.each([
    ['a number as the text', 'OpenAI' as const, chunks({ content: 7 })],
    ['a number as the arguments', 'OpenAI' as const, chunks({ tool_calls: [{ index: 0, id: 'c1', function: { name: 'ticket_read', arguments: 5 } }] })],
    ['an object as the text', 'Anthropic' as const, events(start(), ...text({ a: 1 }), ...end())],
    ['a number as the name of a tool', 'Anthropic' as const, events(start(), { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 'c1', name: 5, input: {} } }, ...end())],
  ])('cannot be read in a stream: %s (%s)', async (_what, kind, respond) => {
    await expect(ask(kind, respond, 'streamed')).rejects.toMatchObject({ failure: 'invalid_reply' });
  });

  it.each([['a number as the text', message([{ type: 'text', text: 7 }])], ['a text as its content', message('hello')], ['no id of a call', message([{ type: 'tool_use', id: 7, name: 'ticket_read', input: {} }])]])('cannot be read: %s (Anthropic)', async (_what, respond) => {
    await expect(ask('Anthropic', respond)).rejects.toMatchObject({ failure: 'invalid_reply' });
  });

  it('is read where servers are known to send them', async () => {
    expect((await ask('OpenAI', chat({ content: [{ type: 'text', text: 'It is ' }, 'open.'] }))).reply.text).toBe('It is open.');
    expect((await ask('OpenAI', chat(call({ name: 'ticket_read', arguments: { id: '7' } })))).reply.toolCalls).toEqual([{ id: 'c1', name: 'ticket_read', argumentsJson: '{"id":"7"}' }]);
    expect((await ask('OpenAI', chunks({ content: [{ type: 'text', text: 'It is open.' }] }), 'streamed')).reply.text).toBe('It is open.');
  });
});

const uncounted = { inputTokens: 0, outputTokens: 0 };

describe('tokens that are counted wrongly', () => {
  it.each([
    ['a word', { prompt_tokens: 'many', completion_tokens: 5 }],
    ['a negative number', { prompt_tokens: -1_000_000, completion_tokens: 5 }],
    ['half a token', { prompt_tokens: 11, completion_tokens: 0.5 }],
    ['a number beyond all counting', { prompt_tokens: 1e300, completion_tokens: 5 }],
    ['more from the cache than was read', { prompt_tokens: 11, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 12 } }],
    ['a word for what came from the cache', { prompt_tokens: 11, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 'all' } }],
    ['a text', 'free'],
  ])('are not counted: %s (OpenAI), and the answer is given', async (_what, usage) => {
    expect(await ask('OpenAI', chat({ content: 'It is open.' }, usage))).toMatchObject({ reply: { text: 'It is open.', usage: uncounted }, outcomes: ['success'] });
    expect((await ask('OpenAI', chunks({ content: 'It is open.' }, usage), 'streamed')).reply.usage).toEqual(uncounted);
  });

  it.each([[{ input_tokens: 'many', output_tokens: 5 }], [{ input_tokens: 11, output_tokens: -5 }], [{ input_tokens: 11, output_tokens: 5, cache_read_input_tokens: '5' }], [{ input_tokens: 11, output_tokens: 5, cache_read_input_tokens: -5 }]])('are not counted: %j (Anthropic)', async (usage) => {
    expect((await ask('Anthropic', message([{ type: 'text', text: 'It is open.' }], usage))).reply.usage).toEqual(uncounted);
  });

  it('are not counted where a stream of Anthropic ends with them', async () => {
    expect((await ask('Anthropic', events(start(), ...text('It is open.'), ...end('many')), 'streamed')).reply.usage).toEqual(uncounted);
    expect((await ask('Anthropic', events(start(), ...text('It is open.'), ...end()), 'streamed')).reply.usage).toEqual({ inputTokens: 11, outputTokens: 5 });
  });

  it('are 0 where a server leaves one of them out', async () => {
    expect((await ask('OpenAI', chat({ content: 'It is open.' }, { prompt_tokens: 11 }))).reply.usage).toEqual({ inputTokens: 11, outputTokens: 0 });
  });
});
