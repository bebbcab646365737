import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../platform/clock-system.ts';
import type { ModelClient } from '../providers/model-client.ts';
import { createHarness, type Harness, type HarnessOptions } from '../testing/app-harness.ts';
import { createScriptedModel, hang, reply } from '../testing/scripted-model.ts';
import { createFakeWallClock } from '../platform/wall-clock-fake.ts';
import type { Access } from './access/access.ts';
import { accessFile } from './access/access-file.ts';
import { digestOfKey } from './access/api-keys.ts';
import { createClosedAccess } from './access/closed-access.ts';
import { defaultClientLimits } from './client-limits.ts';
import { maximumBufferedBytes } from './server-sent-events.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

interface Rig extends Harness {
  readonly port: number;
}

async function listen(options: Partial<HarnessOptions> = {}): Promise<Rig> {
  const harness = await createHarness({ model: createScriptedModel(reply('Thirty days.')), clock: systemClock, ...options });
  await harness.app.listen({ host: '127.0.0.1', port: 0 });
  closers.push(() => harness.app.close());
  return { ...harness, port: (harness.app.server.address() as AddressInfo).port };
}

interface Client {
  readonly socket: Socket;
  readonly text: () => string;
  readonly closed: Promise<unknown>;
}

async function dial(port: number, read: 'reads' | 'does-not-read' = 'reads'): Promise<Client> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  let text = '';
  if (read === 'reads') socket.on('data', (chunk) => (text += chunk.toString('utf8')));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  closers.push(async () => socket.destroy());
  await once(socket, 'connect');
  return { socket, text: () => text, closed };
}

function head(length: number, path = '/v1/invoke'): string {
  return `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
}

const fast = { headersMs: 300, requestMs: 600, checkMs: 50 };
const body = JSON.stringify({ input: { text: 'How long?' } });

function problemIn(text: string): unknown {
  const [headers = '', json = ''] = text.split('\r\n\r\n');
  expect(headers.toLowerCase()).toContain('content-type: application/problem+json');
  expect(headers.toLowerCase()).toContain('connection: close');
  return JSON.parse(json);
}

describe('a client that sends slowly', () => {
  it('is refused when its headers do not come to their end', async () => {
    const { port } = await listen({ clientLimits: fast });
    const client = await dial(port);
    client.socket.write('POST /v1/invoke HTTP/1.1\r\nhost: a\r\n');
    const drip = setInterval(() => client.socket.write('x-slow: 1\r\n'), 50);
    await client.closed;
    clearInterval(drip);
    expect(problemIn(client.text())).toMatchObject({ type: 'urn:sluice:problem:request-timeout', status: 408, request_id: expect.any(String) });
    expect(client.text()).toMatch(/\r\nx-request-id: \S+\r\nx-trace-id: [0-9a-f]{32}\r\nx-sluice-revision: \S+\r\nx-sluice-policy-version: \S+\r\n/);
  });

  it('is refused when its body does not, and the agent is not asked', async () => {
    const model = createScriptedModel(reply('Never.'));
    const { port, series } = await listen({ clientLimits: fast, model });
    const client = await dial(port);
    client.socket.write(head(10_000));
    const drip = setInterval(() => client.socket.write('x'), 50);
    await client.closed;
    clearInterval(drip);
    expect(client.text()).toMatch(/^HTTP\/1\.1 408 /);
    expect([model.requests.length, await series('sluice_requests_in_flight')]).toEqual([0, 0]);
  });

  it('does not hold up another one', async () => {
    const { port } = await listen({ clientLimits: fast });
    const slow = await dial(port);
    slow.socket.write('POST /v1/invoke HTTP/1.1\r\n');
    const client = await dial(port);
    client.socket.write(`${head(body.length)}${body}`);
    await expect.poll(client.text).toContain('Thirty days.');
    await slow.closed;
    expect(slow.text()).toMatch(/^HTTP\/1\.1 408 /);
  });
});

describe('a connection that says nothing', () => {
  it('is closed without a word, later than one that sends slowly', async () => {
    const { port } = await listen({ clientLimits: { ...fast, silentMs: 600 } });
    const startedAt = performance.now();
    const client = await dial(port);
    await client.closed;
    expect(client.text()).toBe('');
    expect(performance.now() - startedAt).toBeGreaterThan(fast.headersMs + 500);
  });

  it('may be opened ahead: its request is answered when the time for headers is long over', async () => {
    const { port } = await listen({ clientLimits: { ...fast, silentMs: 60_000 } });
    const client = await dial(port);
    await new Promise((resolve) => setTimeout(resolve, fast.headersMs * 2));
    client.socket.write(`${head(body.length)}${body}`);
    await expect.poll(client.text).toContain('Thirty days.');
  });

  it('is not waited for by a drain', async () => {
    const { port, readiness } = await listen({ clientLimits: { ...fast, silentMs: 3_600_000 } });
    const client = await dial(port);
    readiness.beginDraining();
    await client.closed;
    expect(client.text()).toBe('');
  });

  it('has no more time than others once it speaks', async () => {
    const { port } = await listen({ clientLimits: { ...fast, silentMs: 60_000 } });
    const client = await dial(port);
    await new Promise((resolve) => setTimeout(resolve, fast.headersMs * 2));
    client.socket.write('POST /v1/invoke HTTP/1.1\r\nhost: a\r\n');
    await client.closed;
    expect(problemIn(client.text())).toMatchObject({ type: 'urn:sluice:problem:request-timeout', status: 408 });
  });

  it('is no slow client when the process stood still while its request arrived', async () => {
    const stall = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, fast.headersMs * 2);
    const waiting: Client[] = [];
    const model: ModelClient = {
      complete: async () => {
        const client = waiting.pop();
        client?.socket.write(`${head(body.length)}${body}`);
        if (client !== undefined) stall();
        return reply('Thirty days.');
      },
    };
    const { port } = await listen({ clientLimits: fast, model });
    const early = await dial(port);
    waiting.push(early);
    const first = await dial(port);
    first.socket.write(`${head(body.length)}${body}`);
    await expect.poll(early.text).toContain('HTTP/1.1 200');
  });
});

describe('what is no request', () => {
  it.each([
    ['text', 'hello\r\n\r\n', 400],
    ['headers that are too large', `GET /healthz HTTP/1.1\r\nhost: a\r\nx-large: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['two lengths', 'POST /v1/invoke HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['two hosts', 'GET /healthz HTTP/1.1\r\nhost: a\r\nHost: a\r\nconnection: close\r\n\r\n', 400],
    ['no host', 'GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
    ['an expectation that nobody knows', 'POST /v1/invoke HTTP/1.1\r\nhost: a\r\nexpect: nothing\r\nconnection: close\r\ncontent-length: 0\r\n\r\n', 417],
    ['a path with half an escape', 'GET /v1/sessions/%z HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n', 400],
    ['a header with a line break of its own', 'GET /healthz HTTP/1.1\r\nhost: a\r\nx: a\nb: c\r\n\r\n', 400],
  ])('is refused as a problem: %s', async (_name, sent, status) => {
    const { port } = await listen();
    const client = await dial(port);
    client.socket.write(sent);
    await client.closed;
    expect(problemIn(client.text())).toMatchObject({ status, request_id: expect.any(String) });
    for (const header of ['x-request-id', 'x-trace-id', 'x-sluice-revision', 'x-content-type-options', 'content-security-policy']) expect(client.text().toLowerCase()).toContain(`\r\n${header}: `);
  });

  it.each([
    ['of HTTP/1.0 without a host', 'GET /healthz HTTP/1.0\r\n\r\n', 200],
    ['that waits for leave to send', `${head(body.length).replace('\r\n\r\n', '\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n')}${body}`, 100],
  ])('is one: a request %s', async (_name, sent, status) => {
    const { port } = await listen();
    const client = await dial(port);
    client.socket.write(sent);
    await client.closed;
    expect([client.text().split(' ')[1], client.text().includes('HTTP/1.1 200 ')]).toEqual([String(status), true]);
  });

  it('a body beyond the limit is refused before it is sent', async () => {
    const { port } = await listen();
    const client = await dial(port);
    client.socket.write(head(10_000_000));
    await expect.poll(client.text).toMatch(/^HTTP\/1\.1 413 [^]*urn:sluice:problem:too-large/);
  });

  it('a chunked body is cut at the limit', async () => {
    const { port } = await listen();
    const client = await dial(port);
    client.socket.write('POST /v1/invoke HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n');
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    for (let index = 0; index < 4; index += 1) client.socket.write(chunk);
    await expect.poll(client.text).toContain('HTTP/1.1 413 ');
  });
});

describe('a client that reads slowly', () => {
  /** Says more than any client is kept for, as long as it is listened to. */
  function endlessModel(said: { bytes: number }): ModelClient {
    const piece = 'x'.repeat(16_384);
    return {
      complete: async (_request, { onText, signal }) => {
        for (;;) {
          signal.throwIfAborted();
          onText?.(piece);
          said.bytes += piece.length;
          await new Promise(setImmediate);
        }
      },
    };
  }

  it('is cut, its work ends, and no more than the limit waits for it', async () => {
    const said = { bytes: 0 };
    const rig = await listen({ model: endlessModel(said) });
    const client = await dial(rig.port, 'does-not-read');
    client.socket.pause();
    client.socket.write(`${head(body.length, '/v1/stream')}${body}`);
    await expect.poll(() => rig.series('sluice_requests_total{outcome="cancelled"}'), { timeout: 20_000 }).toBe(1);
    // What the kernel holds for both ends of a connection comes on top.
    expect(said.bytes).toBeGreaterThan(maximumBufferedBytes / 2);
    expect(said.bytes).toBeLessThan(maximumBufferedBytes + 24 * 1_048_576);
    client.socket.resume();
    await client.closed;
    await expect.poll(() => rig.active.count()).toBe(0);
    expect(await rig.series('sluice_requests_in_flight')).toBe(0);
  });

  it('is cut when it takes nothing of an answer that is done', async () => {
    const rig = await listen({ model: createScriptedModel(reply('x'.repeat(24 * 1_048_576))), clientLimits: { idleMs: 400 } });
    const client = await dial(rig.port, 'does-not-read');
    client.socket.pause();
    client.socket.write(`${head(body.length)}${body}`);
    await expect.poll(() => rig.series('sluice_requests_total{outcome="success"}'), { timeout: 20_000 }).toBe(1);
    const connections = (): Promise<number> => new Promise((resolve, reject) => rig.app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))));
    await expect.poll(connections, { timeout: 20_000 }).toBe(0);
  });
});

describe('a stream that outlives its connection', () => {
  it('serves one that reads, although others take nothing', async () => {
    const piece = 'x'.repeat(16_000);
    const model: ModelClient = {
      complete: async (_request, { onText }) => {
        for (let index = 0; index < 200; index += 1) onText?.(piece);
        return reply('Done.');
      },
    };
    const rig = await listen({ model });
    const asked = head(body.length, '/v1/stream').replace('\r\n\r\n', '\r\nidempotency-key: k\r\n\r\n') + body;
    const clients = [];
    for (let index = 0; index < 8; index += 1) {
      const client = await dial(rig.port, 'does-not-read');
      client.socket.pause();
      client.socket.write(asked);
      clients.push(client);
    }
    await expect.poll(() => rig.series('sluice_requests_total{outcome="success"}')).toBe(1);
    // One that reads gets all, although others do not.
    const reader = await dial(rig.port);
    reader.socket.write(asked);
    await expect.poll(reader.text, { timeout: 20_000 }).toContain('event: done');
    expect(await rig.series('sluice_requests_total{outcome="success"}')).toBe(1);
    for (const { socket } of clients) socket.destroy();
  });
});

describe('connections', () => {
  const asked = (path: string, key = 'k-1'): string => `GET ${path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${key}\r\n\r\n`;
  const access = (): Access => createClosedAccess({ read: () => accessFile.parse({ keys: [{ id: 'one', sha256: digestOfKey('k-1'), tenant: 'shop' }] }), clock: systemClock, wallClock: createFakeWallClock(), onError: () => {} });

  it('that nobody was let in on give way to new ones, whatever was asked on them, and those of callers stay', async () => {
    const { port, series, logs } = await listen({ connections: 6, access: access() });
    const caller = await dial(port);
    caller.socket.write(asked('/v1/sessions'));
    await expect.poll(caller.text).toContain('HTTP/1.1 200');
    const others: Client[] = [];
    for (const path of ['', '/healthz', '/docs/json', '/v1/jobs', '/nothing']) {
      const other = await dial(port);
      others.push(other);
      if (path === '') continue;
      other.socket.write(asked(path, 'wrong'));
      await expect.poll(other.text).toContain('HTTP/1.1 ');
    }
    const probes = [];
    for (let index = 0; index < 5; index += 1) {
      const probe = await dial(port);
      probes.push(probe);
      probe.socket.write(asked('/readyz'));
      await expect.poll(probe.text).toContain('HTTP/1.1 ');
    }
    await Promise.all(others.map(({ closed }) => closed));
    caller.socket.write(asked('/v1/sessions'));
    await expect.poll(() => caller.text().match(/HTTP\/1\.1 200/g)?.length).toBe(2);
    expect(await series('sluice_connections_closed_total{reason="room"}')).toBe(5);
    await expect.poll(() => series('sluice_connections{state="idle"}')).toBe(6);
    expect(logs()).toContainEqual(expect.objectContaining({ level: 'warn', closed_for_room: 1, maximum: 6 }));
  });

  it('are answered sixteen requests ahead, by documents that are made once, and closed where there are more', async () => {
    const rig = await listen({ access: access() });
    const made = vi.spyOn(rig.metrics.registry, 'metrics');
    for (const path of ['/metrics', '/docs/json']) {
      const client = await dial(rig.port);
      client.socket.write(asked(path).repeat(16));
      await expect.poll(() => client.text().match(/HTTP\/1\.1 200/g)?.length).toBe(16);
    }
    expect(made).toHaveBeenCalledTimes(1);
    made.mockRestore();
    const greedy = await dial(rig.port);
    greedy.socket.write(asked('/docs/json').repeat(400));
    await greedy.closed;
    expect(await rig.series('sluice_connections_closed_total{reason="unread"}')).toBe(1);
    expect((await rig.app.inject('/docs/json')).json()).toMatchObject({ openapi: '3.1.0' });
  });

  it('of callers that are all in use leave room for probes, and tell another caller so', async () => {
    const { port, series, active } = await listen({ connections: 3, access: access(), model: createScriptedModel(hang) });
    const held: Client[] = [];
    for (let index = 0; index < 2; index += 1) {
      const client = await dial(port);
      held.push(client);
      client.socket.write(`${head(body.length).replace('host: a', 'host: a\r\nauthorization: Bearer k-1')}${body}`);
      await expect.poll(() => active.count()).toBe(index + 1);
    }
    const late = await dial(port);
    late.socket.write(asked('/v1/jobs'));
    await late.closed;
    expect([late.text().split(' ')[1], problemIn(late.text())]).toEqual(['503', expect.objectContaining({ type: 'urn:sluice:problem:overloaded' })]);
    expect(late.text()).toContain('retry-after: 1');
    const probe = await dial(port);
    probe.socket.write(asked('/healthz'));
    await expect.poll(probe.text).toContain('HTTP/1.1 200');
    held[0]?.socket.destroy();
    await expect.poll(() => active.count()).toBe(1);
    const next = await dial(port);
    next.socket.write(asked('/v1/jobs'));
    await expect.poll(next.text).toContain('HTTP/1.1 200');
    expect(await series('sluice_connections_closed_total{reason="refused"}')).toBe(1);
  });

  it('have limits that hold together', () => {
    const limits = defaultClientLimits(10_000);
    expect(limits.headersMs).toBeLessThan(limits.requestMs);
    expect(limits.checkMs).toBeLessThan(limits.headersMs);
    expect(limits.idleMs).toBeGreaterThan(10_000);
    expect(limits.keepAliveMs).toBeGreaterThan(600_000);
  });
});

describe('every response', () => {
  it.each(['/healthz', '/v1/sessions', '/nothing', '/metrics'])('of %s has the headers of security', async (url) => {
    const { app } = await createHarness({ model: createScriptedModel(reply('x')) });
    const { headers } = await app.inject(url);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'SAMEORIGIN', 'referrer-policy': 'no-referrer', 'content-security-policy': "default-src 'none';frame-ancestors 'none'", 'cross-origin-resource-policy': 'same-origin', 'cross-origin-opener-policy': 'same-origin' });
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('server');
  });
});
