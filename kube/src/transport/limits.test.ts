import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { fakeRandom } from '../random-fake.ts';
import { firstAuthority, firstServer } from '../testing/certificates.ts';
import { connectionTo } from '../testing/connection.ts';
import { eventually } from '../testing/eventually.ts';
import { RecordingSink } from '../testing/recording-sink.ts';
import { answer, ScriptedServer, status } from '../testing/scripted-server.ts';
import { Transport, type TransportOptions } from './transport.ts';

const never = new AbortController().signal;
let server: ScriptedServer;
let transport: Transport;

function start(options: Partial<TransportOptions> = {}): void {
  transport = new Transport({ connection: connectionTo(server.url, { trust: { ca: firstAuthority } }), ...options });
}

beforeEach(async () => {
  server = await ScriptedServer.listen({ tls: firstServer, script: (_request, response) => answer(response, 200, {}) });
});

afterEach(async () => {
  await transport.close();
  await server.close();
});

describe('close', () => {
  it('ends whoever waits for a place, the rate limit or an answer, and nothing is sent or opened afterwards', async () => {
    server.script((request, response) => (request.path === '/hang' ? undefined : answer(response, 200, {})));
    start({ maxConcurrentCalls: 1, rateLimit: { qps: 0.01, burst: 2 } });
    const post = (path: string) => transport.json({ method: 'POST', path, body: {}, signal: never }).catch((error: unknown) => error);
    const hanging = post('/hang');
    await eventually('the first is on the wire', () => server.requests.length === 1);
    const waiting = [post('/gate'), transport.json({ method: 'POST', path: '/limit', body: {}, signal: never, deadlineMs: 600_000 }).catch((error: unknown) => error)];
    await transport.close();
    for (const error of await Promise.all([hanging, ...waiting])) expect(error).toMatchObject({ code: 0, reason: 'Cancelled' });
    await eventually('no socket is left', () => server.sockets.open === 0);
    expect(server.requests.map(({ path }) => path)).toEqual(['/hang']);
    await expect(transport.json({ method: 'GET', path: '/later', signal: never })).rejects.toMatchObject({ reason: 'Cancelled' });
    expect(server.sockets).toEqual({ open: 0, accepted: 1 });
  });
});

describe('one pool for calls and watches', () => {
  it('opens about as many sockets for a thousand calls at once as calls may run', async () => {
    start();
    await Promise.all(Array.from({ length: 1_000 }, () => transport.json({ method: 'GET', path: '/x', signal: never })));
    expect(server.requests).toHaveLength(1_000);
    expect(server.sockets.accepted).toBeLessThanOrEqual(40);
    await transport.close();
    await eventually('no socket is left', () => server.sockets.open === 0);
  });

  it('opens watches while every place for calls is taken by one that hangs', async () => {
    server.script((request, response) => (request.query.has('watch') ? void response.writeHead(200).write('x\n') : undefined));
    start({ maxConcurrentCalls: 2 });
    const stop = new AbortController();
    const hanging = Array.from({ length: 5 }, () => transport.json({ method: 'GET', path: '/slow', signal: stop.signal }).catch((error: unknown) => error));
    await eventually('two calls are on the wire', () => server.requests.length === 2);
    const stream = await transport.stream({ method: 'GET', path: '/x', query: { watch: 'true' }, signal: stop.signal });
    for await (const chunk of stream) {
      expect(chunk.length).toBe(2);
      break;
    }
    expect(server.requests.filter((request) => request.path === '/slow')).toHaveLength(2);
    stop.abort();
    for (const error of await Promise.all(hanging)) expect(error).toMatchObject({ reason: 'Cancelled' });
  });

  it('keeps a call that waits for its place to its deadline', async () => {
    server.script(() => {});
    const clock = new FakeClock();
    start({ clock, maxConcurrentCalls: 1 });
    const first = transport.json({ method: 'GET', path: '/1', signal: never, deadlineMs: 10_000 }).catch((error: unknown) => error);
    await eventually('the first is on the wire', () => server.requests.length === 1);
    const second = expect(transport.json({ method: 'GET', path: '/2', signal: never, deadlineMs: 1_000 })).rejects.toMatchObject({ reason: 'Timeout', path: '/2' });
    await clock.advance(1_000);
    await second;
    expect(server.requests).toHaveLength(1);
    await clock.advance(9_000);
    expect(await first).toMatchObject({ reason: 'Timeout', path: '/1' });
  });
});

describe('the client-side rate limit', () => {
  it('is off unless asked for', async () => {
    const sink = new RecordingSink();
    start({ metrics: new KubeMetrics(sink), clock: new FakeClock() });
    for (let call = 0; call < 30; call++) await transport.json({ method: 'GET', path: '/x', signal: never });
    expect([...sink.values.keys()].filter((series) => series.startsWith('rest_client_rate_limiter'))).toEqual([]);
  });

  it('holds calls and watches back, and reports for how long', async () => {
    const clock = new FakeClock();
    const sink = new RecordingSink();
    start({ clock, rateLimit: { qps: 1, burst: 1 }, metrics: new KubeMetrics(sink) });
    await transport.json({ method: 'GET', path: '/1', signal: never });
    const second = transport.stream({ method: 'GET', path: '/2', signal: never });
    await clock.advance(900);
    expect(server.requests).toHaveLength(1);
    await clock.advance(200);
    await second;
    expect(sink.get('rest_client_rate_limiter_duration_seconds', { verb: 'GET', host: new URL(server.url).host })).toBe(2);
  });

  it('refuses a call that it could not let go in time, with the wait', async () => {
    start({ clock: new FakeClock(), rateLimit: { qps: 0.01, burst: 1 } });
    await transport.json({ method: 'GET', path: '/1', signal: never });
    await expect(transport.json({ method: 'GET', path: '/2', signal: never })).rejects.toMatchObject({ reason: 'Timeout', retryAfterMs: 100_000 });
    expect(server.requests).toHaveLength(1);
  });
});

describe('priority and fairness', () => {
  const flow = { 'x-kubernetes-pf-flowschema-uid': 'schema-1', 'x-kubernetes-pf-prioritylevel-uid': 'level-2', 'retry-after': '1' };

  it('a refused watch is tried again after the wait', async () => {
    const clock = new FakeClock();
    start({ clock, random: fakeRandom(0) });
    server.script((_request, response) => (server.requests.length === 1 ? answer(response, 429, status(429, 'TooManyRequests', 'later'), flow) : void response.writeHead(200).write('x\n')));
    const opened = transport.stream({ method: 'GET', path: '/watch', signal: never });
    await eventually('the first try and its pause', () => clock.pendingTimers === 2);
    await clock.advance(1_000);
    await opened;
    expect(server.requests).toHaveLength(2);
  });

  it('the error names the flow schema and the priority level', async () => {
    start();
    server.script((_request, response) => answer(response, 429, status(429, 'TooManyRequests', 'later'), { ...flow, 'retry-after': '600' }));
    await expect(transport.json({ method: 'GET', path: '/x', signal: never })).rejects.toMatchObject({ message: expect.stringMatching(/flow schema schema-1, priority level level-2/) as unknown, retryAfterMs: 600_000 });
  });

  it('clients that were told the same moment do not come back in step', async () => {
    const pauses: number[] = [];
    for (const luck of [0, 0.5, 0.99]) {
      const clock = new FakeClock();
      start({ clock, random: fakeRandom(luck) });
      clock.sleep = (ms) => {
        pauses.push(ms);
        return Promise.resolve();
      };
      const from = server.requests.length;
      server.script((_request, response) => (server.requests.length === from + 1 ? answer(response, 429, status(429, 'TooManyRequests', 'later'), { 'retry-after': '8' }) : answer(response, 200, {})));
      await transport.json({ method: 'GET', path: '/x', signal: never });
      await transport.close();
    }
    expect(pauses).toEqual([8_000, 9_000, 9_980]);
  });
});

describe('request metrics', () => {
  it('count bytes, retries and errors under client-go\'s names', async () => {
    const sink = new RecordingSink();
    const clock = new FakeClock();
    start({ metrics: new KubeMetrics(sink), clock, random: fakeRandom(0) });
    const { host } = new URL(server.url);
    server.script((_request, response) => (server.requests.length === 1 ? answer(response, 429, status(429, 'TooManyRequests', 'later'), { 'retry-after': '0' }) : answer(response, 200, { some: 'thing' })));
    const call = transport.json({ method: 'POST', path: '/x', body: { a: 1 }, signal: never });
    await eventually('both tries', async () => {
      await clock.advance(200);
      return server.requests.length === 2;
    });
    await call;
    expect(sink.get('rest_client_requests_total', { code: '429', method: 'POST', host })).toBe(1);
    expect(sink.get('rest_client_requests_total', { code: '200', method: 'POST', host })).toBe(1);
    expect(sink.get('rest_client_request_retries_total', { code: '429', verb: 'POST', host })).toBe(1);
    expect(sink.get('rest_client_request_size_bytes', { verb: 'POST', host })).toBe(2);
    expect(sink.get('rest_client_response_size_bytes', { verb: 'POST', host })).toBe(2);
  });
});

it('tells how many calls wait for a place', async () => {
  server.script(() => {});
  const sink = new RecordingSink();
  const metrics = new KubeMetrics(sink);
  start({ maxConcurrentCalls: 1, metrics });
  const stop = new AbortController();
  const calls = Array.from({ length: 3 }, () => transport.json({ method: 'GET', path: '/x', signal: stop.signal }).catch((error: unknown) => error));
  await eventually('one is on the wire', () => server.requests.length === 1);
  metrics.collect();
  expect(sink.get('kube_client_calls_waiting', { host: new URL(server.url).host })).toBe(2);
  stop.abort();
  await Promise.all(calls);
});
