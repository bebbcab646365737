import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import type { ClusterConnection, Credential } from '../config/connection.ts';
import { KubeError } from '../kube-error.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { client, firstAuthority, firstServer, secondAuthority } from '../testing/certificates.ts';
import { connectionTo } from '../testing/connection.ts';
import { RecordingSink } from '../testing/recording-sink.ts';
import { answer, type Script, ScriptedServer, status } from '../testing/scripted-server.ts';
import { Transport } from './transport.ts';

const never = new AbortController().signal;
let plain: ScriptedServer;
let tls: ScriptedServer;
let broken: { server: Server; port: number };
const sink = new RecordingSink();

beforeAll(async () => {
  plain = await ScriptedServer.listen();
  tls = await ScriptedServer.listen({ tls: { ...firstServer, clientAuthority: firstAuthority } });
  const server = createTcpServer((socket) => echoNonsense(socket));
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  broken = { server, port: (server.address() as AddressInfo).port };
});

afterAll(async () => {
  await plain.close();
  await tls.close();
  await new Promise((resolve) => { broken.server.close(resolve); });
});

/** Answers with the request itself where a status line belongs: a parser's error quotes what it read. */
function echoNonsense(socket: Socket): void {
  socket.on('error', () => {});
  socket.on('data', (chunk) => socket.end(Buffer.concat([Buffer.from('HTTP/9.9 '), Buffer.from(chunk)])));
}

/** Sends back what it was sent, as careless servers do. */
const echoes: readonly Script[] = [
  ({ headers }, response) => answer(response, 401, status(401, 'Unauthorized', `bad token ${String(headers.authorization)}`)),
  ({ headers }, response) => answer(response, 403, status(403, String(headers.authorization), 'no', { details: { causes: [{ reason: 'r', field: 'f', message: String(headers.authorization) }] } })),
  ({ headers }, response) => answer(response, 200, `{"broken": ${String(headers.authorization)}`),
  ({ headers }, response) => answer(response, 502, `${'x'.repeat(190)}${String(headers.authorization)}`),
  ({ headers }, response) => answer(response, 500, { echoed: headers }),
  ({ headers }, response) => answer(response, 307, 'elsewhere', { location: `http://127.0.0.1:${plain.port}/caught?token=${encodeURIComponent(String(headers.authorization))}` }),
  ({ headers }, response) => answer(response, 503, status(503, 'ServiceUnavailable', decodeBasic(headers.authorization)), { 'retry-after': '9999' }),
  (_request, response) => void response.socket?.resetAndDestroy(),
];

function decodeBasic(header: string | undefined): string {
  return Buffer.from(header?.split(' ')[1] ?? '', 'base64').toString('utf8');
}

interface Attempt {
  readonly connection: ClusterConnection;
  readonly secrets: readonly string[];
}

// At least four characters, as the redactor leaves shorter ones alone; printable ASCII, as a header takes them.
const secret = fc.string({ minLength: 12, maxLength: 40, unit: fc.constantFrom('a', 'b', 'D', 'E', '0', '7', '-', '.', '_', '~', '+', '/', '=', '%', '&', '"', '\\', '{', '}') }).map((text) => `S3${text}`);

function attempts(): fc.Arbitrary<Attempt> {
  return fc.record({ token: secret, user: secret, password: secret, basic: fc.boolean(), target: fc.constantFrom('plain', 'refused', 'distrusted', 'no certificate', 'nonsense', 'proxy') }).map(({ token, user, password, basic, target }) => {
    const pair = Buffer.from(`${user}:${password}`).toString('base64');
    const credential: Partial<Credential> = { authorization: basic ? `Basic ${pair}` : `Bearer ${token}`, certificate: target === 'distrusted' ? client : undefined };
    const server = { plain: plain.url, refused: 'http://127.0.0.1:1', distrusted: tls.url, 'no certificate': tls.url, nonsense: `http://127.0.0.1:${broken.port}`, proxy: tls.url }[target];
    const ca = target === 'distrusted' ? secondAuthority : firstAuthority;
    const connection = connectionTo(server, { credential, trust: { ca } });
    const proxy = target === 'proxy' ? `http://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${broken.port}` : undefined;
    const keyLines = client.key.split('\n').filter((line) => line.length > 16);
    return { connection: { ...connection, proxy }, secrets: [...(basic ? [pair, password] : [token]), ...(proxy === undefined ? [] : [password, encodeURIComponent(password)]), ...keyLines] };
  });
}

/** Every way in which an error reaches a person or a log. */
function shown(error: KubeError): string {
  return [String(error), error.stack, JSON.stringify(error), JSON.stringify(error, Object.getOwnPropertyNames(error)), inspect(error, { depth: 12, showHidden: true, maxStringLength: null })].join('\n');
}

describe('no secret', () => {
  it('is shown by any error, however it came about', async () => {
    await fc.assert(fc.asyncProperty(attempts(), fc.constantFrom(...echoes), fc.constantFrom('GET', 'POST'), fc.constantFrom('json', 'stream'), async ({ connection, secrets }, script, method, how) => {
      plain.script(script);
      const transport = new Transport({ connection, clock: eager(), metrics: new KubeMetrics(sink) });
      const request = { method, path: '/x', signal: never, ...(method === 'POST' ? { body: {} } : {}) } as const;
      const error = await (how === 'json' ? transport.json(request) : transport.stream(request).then(drain)).catch((failure: unknown) => failure);
      await transport.close();
      // A broken body is no error for whoever reads a stream byte by byte.
      if (how === 'stream' && error === undefined) return;
      expect(error).toBeInstanceOf(KubeError);
      const text = shown(error as KubeError);
      for (const each of secrets) expect(text.includes(each) ? text : 'clean', `looking for ${each}`).toBe('clean');
    }), { numRuns: 300 });
    expect(plain.requests.some((request) => request.path === '/caught')).toBe(false);
    expect([...sink.values.keys()].join('\n')).not.toMatch(/S3|Bearer|Basic/);
  }, 120_000);

  it('goes along when a server redirects: the redirect is an error', async () => {
    plain.script((_request, response) => answer(response, 302, 'there', { location: `${plain.url}/caught` }));
    const transport = new Transport({ connection: connectionTo(plain.url, { credential: { authorization: 'Bearer abcdef' } }) });
    await expect(transport.json({ method: 'GET', path: '/x', signal: never })).rejects.toMatchObject({ code: 302 });
    expect(plain.requests.filter((request) => request.path === '/caught')).toEqual([]);
    await transport.close();
  });
});

async function drain(stream: AsyncIterable<Uint8Array>): Promise<undefined> {
  for await (const chunk of stream) expect(chunk.length).toBeGreaterThan(0);
  return undefined;
}

/** Retries at once: pauses would only make the property slow. */
function eager(): FakeClock {
  const clock = new FakeClock();
  clock.sleep = () => Promise.resolve();
  return clock;
}
