import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../testing/loopback-server.ts';
import { createAnthropicClient } from './anthropic-client.ts';
import type { ModelClient, ModelRequest } from './model-client.ts';
import { createModelFetch, type ModelFetch } from './model-fetch.ts';
import { NotSent, notSentIn } from './not-sent.ts';
import { createOllamaClient } from './ollama-client.ts';
import { createOpenAiClient } from './openai-client.ts';
import type { ProviderOptions } from './provider-options.ts';

const request: ModelRequest = { settings: { name: 'm', maxOutputTokens: 8 }, system: 'Help.', messages: [{ role: 'user', text: 'Hello' }], tools: [] };
const kinds: readonly (readonly [string, (options: ProviderOptions) => ModelClient])[] = [['Anthropic', createAnthropicClient], ['OpenAI', createOpenAiClient], ['Ollama', createOllamaClient]];

const servers: Server[] = [];
const fetches: ModelFetch[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  for (const each of fetches.splice(0)) await each.close();
});

/** A server that says this to whoever says anything, and closes. */
async function saying(words: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(words));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function ask(create: (options: ProviderOptions) => ModelClient, endpoint: string, fetchModel?: typeof fetch): Promise<unknown> {
  const made = createModelFetch();
  fetches.push(made);
  const client = create({ endpoint, apiKey: () => 'sk-test', fetch: fetchModel ?? made.fetch, timeoutMilliseconds: 20_000, promptCaching: undefined });
  return await client.complete(request, { signal: new AbortController().signal }).catch((error: unknown) => error);
}

describe.each(kinds)('a request of %s', (_kind, create) => {
  it.each([
    ['to a port that nobody listens at', async () => `http://127.0.0.1:${await freePort()}`],
    ['to a name that is none', async () => 'http://nobody.invalid'],
    ['to a server that speaks no TLS', async () => `https://${await saying('HTTP/1.1 400 Bad Request\r\n\r\n')}`],
  ])('%s was not sent', async (_name, endpoint) => {
    expect(await ask(create, await endpoint())).toMatchObject({ name: 'ModelError', failure: 'unavailable', sent: 'no' });
  });

  it.each([
    ['whose connection is closed without an answer', ''],
    ['whose answer breaks off', 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{'],
  ])('%s may have been worked on', async (_name, words) => {
    expect(await ask(create, `http://${await saying(words)}`)).toMatchObject({ name: 'ModelError', failure: 'unavailable', sent: undefined });
  });

  it.each(['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT'])('to a host that takes no connection in time (%s) was not sent, and is late', async (code) => {
    const late: typeof fetch = async () => Promise.reject(new NotSent(Object.assign(new Error(`Connect Timeout Error ${code}`), { code })));
    expect(await ask(create, 'http://127.0.0.1:1', late)).toMatchObject({ name: 'ModelError', failure: 'timeout', sent: 'no' });
  });
});

it('is found below what others have put around it, and not without end', () => {
  const found = new NotSent(new Error('refused'));
  expect(notSentIn(new Error('a', { cause: new Error('b', { cause: found }) }))).toBe(found);
  expect(notSentIn(new Error('a', { cause: 'refused' }))).toBeUndefined();
  const round = new Error('round');
  round.cause = round;
  expect(notSentIn(round)).toBeUndefined();
});
