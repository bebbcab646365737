import { afterEach, describe, expect, it } from 'vitest';
import { sendJson, startLoopbackServer, type LoopbackServer, type Respond } from '../testing/loopback-server.ts';
import type { ModelRequest } from './model-client.ts';
import { createModelFetch, type ModelFetch } from './model-fetch.ts';
import { createOllamaClient } from './ollama-client.ts';

const request: ModelRequest = {
  settings: { name: 'qwen3:8b', temperature: 0.2, maxOutputTokens: 64 },
  system: 'Help.',
  messages: [
    { role: 'user', text: 'Ticket 7?' },
    { role: 'assistant', text: '', toolCalls: [{ id: 'call-1', name: 'ticket_read', argumentsJson: '{"id":"7"}' }] },
    { role: 'tools', results: [{ callId: 'call-1', content: 'HTTP 500', outcome: 'failed' }] },
  ],
  tools: [{ name: 'ticket_read', description: 'Reads.', parameters: { type: 'object' } }],
};

let server: LoopbackServer;
let connections: ModelFetch;

afterEach(async () => {
  await connections.close();
  await server.close();
});

async function setUp(...responders: readonly [Respond, ...Respond[]]) {
  server = await startLoopbackServer(...responders);
  connections = createModelFetch();
  return createOllamaClient({ endpoint: server.url, apiKey: () => 'none', fetch: connections.fetch, timeoutMilliseconds: 1_000 });
}

function live(): AbortSignal {
  return new AbortController().signal;
}

function lines(...parts: readonly object[]): Respond {
  return (_exchange, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    // Cut in the middle of lines and of characters, as networks do.
    const bytes = Buffer.from(parts.map((part) => `${JSON.stringify(part)}\n`).join(''));
    for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7));
    response.end();
  };
}

const end = { message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop', prompt_eval_count: 11, eval_count: 5 };

describe('Ollama', () => {
  it('tells what a stream holds besides its text', async () => {
    const client = await setUp(lines({ message: { content: '', thinking: 'Hm.' } }, { message: { content: 'Yes.' } }, { message: { content: '', tool_calls: [{ function: { name: 'read', arguments: { id: '7' } } }] } }, end));
    const unseen: string[] = [];
    await client.complete(request, { signal: live(), onText: () => {}, onUnseen: (text) => void unseen.push(text) });
    expect(unseen.join('')).toBe('Hm.read{"id":"7"}');
  });

  it('gets a whole reply, and sends what was said with the names of tools', async () => {
    const client = await setUp((_exchange, response) => sendJson(response, 200, { ...end, message: { content: 'It is open.' } }));
    expect(await client.complete(request, { signal: live() })).toEqual({ text: 'It is open.', toolCalls: [], stop: 'end', usage: { inputTokens: 11, outputTokens: 5 } });
    expect(server.exchanges[0]).toMatchObject({ method: 'POST', path: '/api/chat' });
    expect(JSON.parse(server.exchanges[0]?.body ?? '')).toEqual({
      model: 'qwen3:8b',
      stream: false,
      messages: [
        { role: 'system', content: 'Help.' },
        { role: 'user', content: 'Ticket 7?' },
        { role: 'assistant', content: '', tool_calls: [{ function: { name: 'ticket_read', arguments: { id: '7' } } }] },
        { role: 'tool', tool_name: 'ticket_read', content: 'Error: HTTP 500' },
      ],
      tools: [{ type: 'function', function: { name: 'ticket_read', description: 'Reads.', parameters: { type: 'object' } } }],
      options: { num_predict: 64, temperature: 0.2 },
    });
  });

  it.each<[ModelRequest['format'], ModelRequest['tools'], unknown]>([
    [{ kind: 'object' }, [], 'json'],
    [{ kind: 'schema', name: 'days', schema: { type: 'object' } }, [], { type: 'object' }],
    [{ kind: 'object' }, request.tools, undefined],
    [undefined, [], undefined],
  ])('is held to JSON (%j) where that leaves it its tools', async (format, tools, wanted) => {
    const client = await setUp((_exchange, response) => sendJson(response, 200, { ...end, message: { content: '{}' } }));
    await client.complete({ ...request, tools, format }, { signal: live() });
    expect((JSON.parse(server.exchanges[0]?.body ?? '') as Record<string, unknown>)['format']).toEqual(wanted);
  });

  it('tells text as it comes and puts calls of tools together', async () => {
    const call = { function: { name: 'ticket_read', arguments: { id: '7' } } };
    const client = await setUp(lines({ message: { content: 'Let me ' }, done: false }, { message: { content: 'look é.', tool_calls: [call] }, done: false }, end));
    const told: string[] = [];
    expect(await client.complete(request, { signal: live(), onText: (text) => told.push(text) })).toEqual({
      text: 'Let me look é.',
      toolCalls: [{ id: 'call-1', name: 'ticket_read', argumentsJson: '{"id":"7"}' }],
      stop: 'tools',
      usage: { inputTokens: 11, outputTokens: 5 },
    });
    expect(told).toEqual(['Let me ', 'look é.']);
  });

  it.each<[string, Respond, string]>([
    ['a cut stream', lines({ message: { content: 'Half' }, done: false }), 'unavailable'],
    ['an error on the way', lines({ message: { content: 'Half' }, done: false }, { error: 'out of memory' }), 'unavailable'],
    ['no reply', lines(), 'invalid_reply'],
    ['a reply that is none', (_exchange, response) => response.writeHead(200).end('<html>'), 'invalid_reply'],
    ['a model that is not there', (_exchange, response) => sendJson(response, 404, { error: 'model "qwen3:8b" not found' }), 'invalid_request'],
    ['a server that is full', (_exchange, response) => sendJson(response, 503, { error: 'busy' }), 'overloaded'],
  ])('takes %s as a failure', async (_name, respond, failure) => {
    const client = await setUp(respond);
    await expect(client.complete(request, { signal: live(), onText: () => {} })).rejects.toMatchObject({ name: 'ModelError', failure });
  });

  it('says that a reply was cut at its limit, and stops for a caller who left', async () => {
    const client = await setUp(lines({ message: { content: 'Half' }, done: false }, { ...end, done_reason: 'length' }));
    expect((await client.complete(request, { signal: live() })).stop).toBe('length');
    await expect(client.complete(request, { signal: AbortSignal.abort(new Error('left')) })).rejects.toThrow('left');
  });
});
