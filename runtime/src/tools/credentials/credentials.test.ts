import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AgentBundle, BundleTool } from '@sluice/crds';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpTransport } from '../../egress/transport.ts';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { sendJson, startLoopbackServer, type Respond } from '../../testing/loopback-server.ts';
import { startMcpServer } from '../../testing/mcp-server.ts';
import { createFakeTransport } from '../../testing/fake-transport.ts';
import { createHttpRunner } from '../http-tool.ts';
import { openToolResources } from '../tool-resources.ts';
import { createToolbox } from '../toolbox.ts';
import { openCredentials } from './open-credentials.ts';

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

type Credential = NonNullable<AgentBundle['credentials']>[number];

function secretFolder(): { readonly folder: string; readonly write: (secret: string) => void } {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-credentials-'));
  const file = join(folder, 'crm', 'secret');
  mkdirSync(dirname(file));
  return { folder, write: (secret) => writeFileSync(file, secret) };
}

async function setUp(credential: Omit<Credential, 'name'>, target: Partial<BundleTool>, secret = 'first-secret') {
  const { folder, write } = secretFolder();
  write(`${secret}\n`);
  const clock = createFakeClock();
  const transport = createHttpTransport();
  const credentials = openCredentials({ credentials: [{ name: 'crm', ...credential }] }, { environment: { SLUICE_TOOL_CREDENTIALS_DIR: folder }, transport, clock });
  const resources = await openToolResources({}, { transport, clock, credentials });
  opened.push(resources.close, transport.close);
  const tool: BundleTool = { name: 'read', description: 'x', parameters: { type: 'object', properties: { id: { type: 'string' } } }, timeoutMs: 60_000, effect: 'Read', ...target };
  const toolbox = createToolbox({ tools: [tool], clock, transport, resources, writes: 'live', observe: () => {} });
  const call = () => toolbox.call({ name: 'read', argumentsJson: '{"id":"7"}', requestId: 'r', ref: 'tool-1' }, new AbortController().signal);
  return { write, clock, call, credentials };
}

const http = (url: string, allowedHosts = ['127.0.0.1']): Partial<BundleTool> => ({ http: { method: 'GET', url, allowedHosts, credential: 'crm' } });

async function start(...responders: readonly Respond[]) {
  const server = await startLoopbackServer(...responders);
  opened.push(server.close);
  return server;
}

/** Takes what is right now, and says what it got, as servers do. */
const guarded = (takes: () => string, header = 'authorization'): Respond => (exchange, response) => {
  const got = String(exchange.headers[header]);
  sendJson(response, got === takes() ? 200 : 401, { you_sent: got });
};

describe('a credential of a tool', () => {
  it('is sent as bearer token, and struck out where the server repeats it', async () => {
    const server = await start(guarded(() => 'Bearer first-secret'));
    const { call, credentials } = await setUp({}, http(server.url));
    expect(await call()).toEqual({ kind: 'ok', content: '{"you_sent":"Bearer [REDACTED]"}' });
    expect(credentials.secrets()).toEqual(['first-secret']);
  });

  it('is sent in a header of its own', async () => {
    const server = await start(guarded(() => 'first-secret', 'x-api-key'));
    const { call } = await setUp({ header: { name: 'X-API-Key' } }, http(server.url));
    expect(await call()).toMatchObject({ kind: 'ok' });
    expect(server.exchanges[0]?.headers.authorization).toBeUndefined();
  });

  it('that was replaced is taken up when the old one is refused, and after five seconds anyway', async () => {
    let right = 'Bearer first-secret';
    const server = await start(guarded(() => right));
    const { call, write, clock, credentials } = await setUp({}, http(server.url));
    expect(await call()).toMatchObject({ kind: 'ok' });
    write('second-secret');
    right = 'Bearer second-secret';
    expect(await call()).toMatchObject({ kind: 'ok' });
    expect(server.exchanges).toHaveLength(3);
    write('third-secret');
    right = 'Bearer third-secret';
    clock.advance(5_000);
    expect(await call()).toMatchObject({ kind: 'ok' });
    expect(server.exchanges).toHaveLength(4);
    write('not one\nline');
    right = 'another';
    expect(await call()).toMatchObject({ kind: 'failed', failure: 'error', reason: 'HTTP 401' });
    expect(server.exchanges).toHaveLength(5);
    expect(credentials.secrets()).toEqual(['third-secret', 'second-secret', 'first-secret']);
  });

  it('goes no further than the origin of the tool', async () => {
    const other = await start((exchange, response) => sendJson(response, 200, { got: exchange.headers.authorization ?? 'nothing' }));
    const server = await start((exchange, response) => {
      if (exchange.path.startsWith('/?')) response.writeHead(302, { location: '/next' }).end();
      else response.writeHead(302, { location: other.url.replace('127.0.0.1', '127.0.0.2') }).end();
    });
    const { call } = await setUp({}, http(server.url, ['127.0.0.1', '127.0.0.2']));
    // Another port is another server, and refused; the same server is followed to with the credential.
    expect(await call()).toMatchObject({ kind: 'failed', failure: 'refused' });
    expect(server.exchanges.map(({ headers }) => headers.authorization)).toEqual(['Bearer first-secret', 'Bearer first-secret']);
    expect(other.exchanges).toEqual([]);
  });

  it('is left out where a redirect leads to another host that the tool may reach', async () => {
    const to = (location: string): { readonly status: number; readonly headers: Readonly<Record<string, string>> } => ({ status: 302, headers: { location } });
    const transport = createFakeTransport(to('/next'), to('https://files.example.com/7'), to('https://crm.example.com/back'), { body: 'here' });
    const credential = { headers: async () => ({ authorization: 'Bearer first-secret' }), refused: () => {}, redacted: (text: string) => text, secrets: () => [] };
    const runner = createHttpRunner({ target: { method: 'GET', url: 'https://crm.example.com/7', allowedHosts: ['crm.example.com', 'files.example.com'] }, effect: 'Read', parameters: {}, transport, credential });
    const prepared = runner.prepare({ values: {}, requestId: 'r', idempotencyKey: undefined, maxBytes: 100 });
    expect(prepared.ok && (await prepared.run(new AbortController().signal))).toMatchObject({ kind: 'ok', content: 'here' });
    expect(transport.requests.map(({ url, headers }) => [url.host, headers['authorization']])).toEqual([['crm.example.com', 'Bearer first-secret'], ['crm.example.com', 'Bearer first-secret'], ['files.example.com', undefined], ['crm.example.com', 'Bearer first-secret']]);
  });

  it.each(['modern', 'legacy'] as const)('is sent to a server of MCP that speaks %s', async (era) => {
    let right = 'Bearer first-secret';
    const server = await startMcpServer(era, { takes: () => right });
    opened.push(server.close);
    const { call, write } = await setUp({}, { mcp: { url: server.url, allowedHosts: ['127.0.0.1'], credential: 'crm' } });
    expect(await call()).toEqual({ kind: 'ok', content: 'ticket 7 is open' });
    write('second-secret');
    right = 'Bearer second-secret';
    expect(await call()).toEqual({ kind: 'ok', content: 'ticket 7 is open' });
    right = 'gone';
    expect(JSON.stringify(await call())).not.toContain('secret');
  });

  it('must be there at the start, and the sentence says nothing of it', async () => {
    await expect(setUp({}, {}, 'two words')).rejects.toThrow(/credentials\[0\] \(crm\).*holds white space/s);
    await expect(setUp({}, {}, 'two words')).rejects.not.toThrow('two words');
    await expect(setUp({}, { http: { method: 'GET', url: 'https://a.example.com', allowedHosts: ['a.example.com'], credential: 'other' } })).rejects.toThrow('the bundle holds no credential other');
  });
});

describe('client credentials', () => {
  const oauth = (url: string) => ({ oauth: { url: `${url}/token`, allowedHosts: ['127.0.0.1'], clientId: 'agent 1', scope: 'tickets.read' } });

  it('are exchanged for one token for all calls, and for another before it ends or when it is refused', async () => {
    let made = 0;
    const tokens = await start((_exchange, response) => sendJson(response, 200, { access_token: `token-${(made += 1)}`, token_type: 'Bearer', expires_in: 100 }));
    let right = 'Bearer token-1';
    const server = await start(guarded(() => right));
    const { call, clock, credentials } = await setUp(oauth(tokens.url), http(server.url));
    expect(await Promise.all([call(), call(), call()])).toEqual(Array.from({ length: 3 }, () => ({ kind: 'ok', content: '{"you_sent":"Bearer [REDACTED]"}' })));
    expect(tokens.exchanges.map(({ body, headers }) => [body, headers.authorization])).toEqual([['grant_type=client_credentials&scope=tickets.read', `Basic ${Buffer.from('agent+1:first-secret').toString('base64')}`]]);
    clock.advance(69_999);
    expect(await call()).toMatchObject({ kind: 'ok' });
    right = 'Bearer token-2';
    clock.advance(1);
    expect(await call()).toMatchObject({ kind: 'ok' });
    right = 'Bearer token-3';
    expect(await call()).toMatchObject({ kind: 'ok' });
    expect(made).toBe(3);
    expect(credentials.secrets()).toEqual(['token-3', 'token-2', 'token-1', 'first-secret']);
  });

  it.each<[string, Respond]>([
    ['HTTP 400', (_exchange, response) => sendJson(response, 400, { error: 'invalid_client', secret: 'first-secret' })],
    ['no JSON', (_exchange, response) => response.writeHead(200).end('first-secret')],
    ['a token that ends the header', (_exchange, response) => sendJson(response, 200, { access_token: 'a\r\nx: y' })],
  ])('of a server that answers %s fail the call without a word of them', async (_name, respond) => {
    const tokens = await start(respond);
    const server = await start(guarded(() => 'x'));
    const { call } = await setUp(oauth(tokens.url), http(server.url));
    expect(await call()).toEqual({ kind: 'failed', failure: 'error', reason: 'the request failed: NO_CREDENTIAL' });
    expect(server.exchanges).toEqual([]);
  });

  it('of a server that is not allowed are not asked for', async () => {
    const server = await start(guarded(() => 'x'));
    const { call } = await setUp({ oauth: { url: 'http://169.254.169.254/token', allowedHosts: ['169.254.169.254'], clientId: 'a' } }, http(server.url));
    expect(await call()).toMatchObject({ kind: 'failed', failure: 'refused' });
    expect(server.exchanges).toEqual([]);
  });
});
