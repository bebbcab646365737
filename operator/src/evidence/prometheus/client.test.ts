import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttp, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@sluice/kube';
import { firstAuthority, firstServer, secondAuthority } from '@sluice/kube/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PrometheusClient, type PrometheusClientOptions } from './client.ts';
import { PrometheusError } from './prometheus-error.ts';

const secret = 'top-secret-token-1';
const signal = new AbortController().signal;
const lookbackMs = 120_000;
const empty = JSON.stringify({ status: 'success', data: { resultType: 'vector', result: [] } });

let folder: string;
let servers: Server[] = [];
let clients: PrometheusClient[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-prometheus-'));
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  for (const server of servers) server.closeAllConnections();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  [servers, clients] = [[], []];
  await rm(folder, { recursive: true });
});

async function serve(listener: RequestListener, transport: 'http' | 'https' = 'http'): Promise<string> {
  const server = transport === 'http' ? createHttp(listener) : createHttps({ cert: firstServer.cert, key: firstServer.key }, listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `${transport}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

function clientOf(url: string, options: Partial<PrometheusClientOptions> = {}): PrometheusClient {
  const client = new PrometheusClient({ url, clock: systemClock, timeoutMs: 10_000, ...options });
  clients.push(client);
  return client;
}

async function failureOf(client: PrometheusClient): Promise<string> {
  const error: unknown = await client.query('up', { signal, lookbackMs }).then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(PrometheusError);
  const { message, stack, cause } = error as PrometheusError;
  expect(`${message} ${stack} ${String(cause)}`).not.toContain(secret);
  return message;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

describe('the client', () => {
  test('posts the query under the base URL, with how old samples may be', async () => {
    const asked: unknown[] = [];
    const note = async (request: IncomingMessage) => {
      asked.push([request.method, request.url, Object.fromEntries(new URLSearchParams(await textOf(request))), request.headers.authorization]);
    };
    const url = await serve((request, response) => void note(request).finally(() => response.end(empty)));
    expect(await clientOf(`${url}/base/`).query('sum by (pod) (x)', { signal, lookbackMs })).toEqual([]);
    expect(asked).toEqual([['POST', '/base/api/v1/query', { query: 'sum by (pod) (x)', lookback_delta: '120000ms', timeout: '10000ms' }, undefined]]);
  });

  test('asks the targets of the pods what they announce', async () => {
    const asked: unknown[] = [];
    const url = await serve((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://prometheus');
      asked.push([request.method, pathname, Object.fromEntries(searchParams)]);
      response.end(JSON.stringify({ status: 'success', data: searchParams.has('metric') ? [] : [{ target: { pod: 'a' }, metric: 'orders_total', type: 'counter', help: '', unit: '' }] }));
    });
    expect(await clientOf(`${url}/base/`).announcements('orders_total', '{pod=~"a|b"}', { signal })).toEqual([]);
    expect(await clientOf(`${url}/base/`).announcements(undefined, '{pod=~"a|b"}', { signal })).toEqual([{ labels: new Map([['pod', 'a']]), metric: 'orders_total', type: 'counter' }]);
    expect(asked).toEqual([['GET', '/base/api/v1/targets/metadata', { match_target: '{pod=~"a|b"}', metric: 'orders_total' }], ['GET', '/base/api/v1/targets/metadata', { match_target: '{pod=~"a|b"}' }]]);
  });

  test('sends the token of the file as it is now', async () => {
    const seen: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end(empty);
    });
    const client = clientOf(url, { bearerTokenFile: await file('token', `${secret}\n`) });
    await client.query('up', { signal, lookbackMs });
    await file('token', 'rotated');
    await client.query('up', { signal, lookbackMs });
    expect(seen).toEqual([`Bearer ${secret}`, 'Bearer rotated']);
  });

  test('never repeats the token, whoever says it back', async () => {
    const url = await serve((request, response) => void response.writeHead(400).end(JSON.stringify({ status: 'error', errorType: 'bad', error: `no ${request.headers.authorization ?? ''}` })));
    expect(await failureOf(clientOf(url, { bearerTokenFile: await file('token', secret) }))).toBe('it refused the query: bad: no Bearer [redacted]');
  });

  test.each([
    ['has two lines', `${secret}\n${secret}`],
    ['is empty', '\n'],
    ['is binary', '\u0000\u0001'],
  ])('takes no token from a file that %s', async (_, text) => {
    expect(await failureOf(clientOf('http://127.0.0.1:1', { bearerTokenFile: await file('token', text) }))).toMatch(/^the bearer token file .* holds no token/);
  });

  test('says which file cannot be read', async () => {
    expect(await failureOf(clientOf('http://127.0.0.1:1', { bearerTokenFile: join(folder, 'none') }))).toMatch(/^the bearer token file .*none cannot be read: ENOENT$/);
    expect(await failureOf(clientOf('https://127.0.0.1:1', { caFile: join(folder, 'none') }))).toMatch(/^the CA file .*none cannot be read: ENOENT$/);
  });

  test('trusts the CA file as it is now, and nothing else', async () => {
    const url = await serve((_, response) => void response.end(empty), 'https');
    const client = clientOf(url, { caFile: await file('ca.crt', secondAuthority) });
    expect(await failureOf(client)).toMatch(/^it could not be reached: [A-Z_]+: check the CA file and the host name in the URL$/);
    await file('ca.crt', firstAuthority);
    expect(await client.query('up', { signal, lookbackMs })).toEqual([]);
    expect(await failureOf(clientOf(url))).toContain('check the CA file');
  });

  test('gives up on what nobody listens to', async () => {
    expect(await failureOf(clientOf('http://127.0.0.1:1'))).toBe('it could not be reached: ECONNREFUSED');
  });

  test('gives up in time, whether nothing comes or no end', async () => {
    const url = await serve((request, response) => void (request.url?.startsWith('/half') === true ? response.write('{') : undefined));
    expect(await failureOf(clientOf(url, { timeoutMs: 100 }))).toBe('no answer within 100 ms');
    expect(await failureOf(clientOf(`${url}/half`, { timeoutMs: 100 }))).toBe('no answer within 100 ms');
  });

  test('reads no answer that is too large', async () => {
    const url = await serve((_, response) => void response.end(empty + ' '.repeat(10_000)));
    expect(await failureOf(clientOf(url, { maxBytes: 1_000 }))).toBe('its answer is larger than 1000 bytes: write a query that returns fewer series');
  });

  test('a connection that is cut is no answer', async () => {
    const url = await serve((_, response) => void response.writeHead(200, { 'content-length': '5000' }).write('{', () => response.destroy()));
    expect(await failureOf(clientOf(url))).toMatch(/^it could not be reached/);
  });

  test('stops when it is told to, with the reason it was told', async () => {
    const controller = new AbortController();
    const url = await serve(() => controller.abort(new Error('stopped by the test')));
    await expect(clientOf(url).query('up', { signal: controller.signal, lookbackMs })).rejects.toThrow('stopped by the test');
  });
});
