import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import type { DatedAnswer } from '../clock-server.ts';
import { isCancelled, KubeError } from '../kube-error.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { connectionTo } from '../testing/connection.ts';
import { eventually } from '../testing/eventually.ts';
import { RecordingSink } from '../testing/recording-sink.ts';
import { answer, ScriptedServer, status } from '../testing/scripted-server.ts';
import { Transport, type TransportOptions } from './transport.ts';

const never = new AbortController().signal;
let server: ScriptedServer;
let transport: Transport;

function start(options: Partial<TransportOptions> = {}): Transport {
  return new Transport({ connection: connectionTo(server.url), ...options });
}

beforeEach(async () => {
  server = await ScriptedServer.listen({ script: (request, response) => answer(response, 200, { path: request.path }) });
  transport = start();
});

afterEach(async () => {
  await transport.close();
  await server.close();
});

describe('Transport', () => {
  it('uses one connection, two at most, for many calls', async () => {
    for (let call = 0; call < 50; call++) await transport.json({ method: 'GET', path: `/${call}`, signal: never });
    // undici may dial once more when a call starts in the very turn the former one ends.
    expect(server.sockets.accepted).toBeLessThanOrEqual(2);
  });

  it('sends body, query, credential and the path prefix of the server', async () => {
    transport = start({ connection: connectionTo(`${server.url}/prefix`, { credential: { authorization: 'Bearer abc' } }), userAgent: 'me/1' });
    await transport.json({ method: 'PATCH', path: '/x', query: { a: '1 2', empty: '', none: undefined }, body: { b: 'é' }, contentType: 'application/merge-patch+json', signal: never });
    const [request] = server.requests;
    expect([request?.method, request?.path, request?.query.toString(), request?.body]).toEqual(['PATCH', '/prefix/x', 'a=1+2', '{"b":"é"}']);
    expect(request?.headers).toMatchObject({ authorization: 'Bearer abc', 'content-type': 'application/merge-patch+json', 'user-agent': 'me/1' });
  });

  it('turns a Status into a KubeError', async () => {
    server.script((_request, response) => answer(response, 404, status(404, 'NotFound', 'pods "x" not found')));
    await expect(transport.json({ method: 'GET', path: '/x', signal: never })).rejects.toMatchObject({ code: 404, reason: 'NotFound', method: 'GET', path: '/x' });
  });

  it('says that an answer is not JSON', async () => {
    server.script((_request, response) => answer(response, 200, '<html>'));
    await expect(transport.json({ method: 'GET', path: '/x', signal: never })).rejects.toMatchObject({ reason: 'Malformed' });
  });

  it('gives up at the deadline and closes the connection', async () => {
    server.script(() => {});
    const clock = new FakeClock();
    transport = start({ clock });
    const call = transport.json({ method: 'GET', path: '/slow', signal: never, deadlineMs: 5_000 });
    const failed = expect(call).rejects.toMatchObject({ code: 0, reason: 'Timeout', message: 'GET /slow got no answer within 5000 ms' });
    await eventually('the request arrives', () => server.requests.length === 1);
    await clock.advance(5_000);
    await failed;
    await eventually('the socket is closed', () => server.sockets.open === 0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('covers the body with the deadline, not only the headers', async () => {
    server.script((_request, response) => void response.writeHead(200).write('{"half'));
    const clock = new FakeClock();
    transport = start({ clock, defaultDeadlineMs: 1_000 });
    const failed = expect(transport.json({ method: 'GET', path: '/x', signal: never })).rejects.toMatchObject({ reason: 'Timeout' });
    await eventually('the request arrives', () => server.requests.length === 1);
    await clock.advance(1_000);
    await failed;
  });

  it('ends at once when the caller aborts, and tells that from a deadline', async () => {
    server.script(() => {});
    const stop = new AbortController();
    const call = transport.json({ method: 'GET', path: '/x', signal: stop.signal });
    await eventually('the request arrives', () => server.requests.length === 1);
    stop.abort();
    expect(isCancelled(await call.catch((error: unknown) => error))).toBe(true);
    await eventually('the socket is closed', () => server.sockets.open === 0);
  });

  it('does not send when the signal is aborted already', async () => {
    await expect(transport.json({ method: 'GET', path: '/x', signal: AbortSignal.abort() })).rejects.toMatchObject({ reason: 'Cancelled' });
    expect(server.requests).toHaveLength(0);
  });

  it('stops what beforeSend refuses, at each sending', async () => {
    const refused = transport.json({ method: 'PUT', path: '/x', body: {}, signal: never, beforeSend: () => { throw new RangeError('not the leader'); } });
    await expect(refused).rejects.toThrow(RangeError);
    expect(server.requests).toHaveLength(0);
  });

  it('leaves no socket after close, and refuses later calls', async () => {
    server.script((_request, response) => void response.writeHead(200).write('x'));
    const stream = await transport.stream({ method: 'GET', path: '/watch', signal: never });
    expect(server.sockets.open).toBe(1);
    await transport.close();
    await eventually('all sockets are closed', () => server.sockets.open === 0);
    await expect(transport.json({ method: 'GET', path: '/x', signal: never })).rejects.toThrow(/transport is closed/);
    await expect((async () => { for await (const chunk of stream) void chunk; })()).rejects.toThrow();
  });

  it('tells how each answer is dated, refusals and streams included', async () => {
    const heard: DatedAnswer[] = [];
    const date = new Date(1_900_000_000_000).toUTCString();
    server.script((request, response) => {
      response.setHeader('date', date);
      if (request.path === '/undated') response.sendDate = false;
      if (request.path === '/undated') response.removeHeader('date');
      answer(response, request.path === '/gone' ? 410 : 200, status(410, 'Expired', 'too old'));
    });
    transport = start({ onAnswer: (dated) => heard.push(dated) });
    await transport.json({ method: 'GET', path: '/x', signal: never });
    await expect(transport.json({ method: 'GET', path: '/gone', signal: never })).rejects.toMatchObject({ code: 410 });
    for await (const chunk of await transport.stream({ method: 'GET', path: '/watch', signal: never })) void chunk;
    await transport.json({ method: 'GET', path: '/undated', signal: never });
    expect(heard.map((dated) => dated.date)).toEqual([date, date, date, undefined]);
    expect(heard.every(({ sentAt, receivedAt }) => sentAt <= receivedAt)).toBe(true);
  });

  it('measures every request', async () => {
    const sink = new RecordingSink();
    transport = start({ metrics: new KubeMetrics(sink) });
    await transport.json({ method: 'GET', path: '/x', signal: never });
    const { host } = new URL(server.url);
    expect(sink.get('rest_client_requests_total', { code: '200', method: 'GET', host })).toBe(1);
    expect(sink.get('rest_client_request_duration_seconds', { verb: 'GET', host })).toBe(1);
  });
});

describe('streams', () => {
  it('end their connection when the signal aborts or the reader leaves', async () => {
    server.script((_request, response) => void response.writeHead(200).write('x\n'));
    const stop = new AbortController();
    await transport.stream({ method: 'GET', path: '/watch', signal: stop.signal });
    const left = await transport.stream({ method: 'GET', path: '/watch', signal: never });
    expect(server.sockets.open).toBe(2);
    for await (const chunk of left) {
      expect(chunk.length).toBe(2);
      break;
    }
    stop.abort();
    await eventually('both sockets are closed', () => server.sockets.open === 0);
  });

  it('outlive the deadline of their opening', async () => {
    const clock = new FakeClock();
    transport = start({ clock });
    server.script((_request, response) => {
      response.writeHead(200).write('one');
      void eventually('the deadline is over', () => clock.monotonic() > 60_000).then(() => response.end('two'));
    });
    const stream = await transport.stream({ method: 'GET', path: '/watch', signal: never });
    await clock.advance(60_001);
    let text = '';
    for await (const chunk of stream) text += Buffer.from(chunk).toString();
    expect(text).toBe('onetwo');
  });

  it('that are refused throw the status', async () => {
    server.script((_request, response) => answer(response, 403, status(403, 'Forbidden', 'no')));
    await expect(transport.stream({ method: 'GET', path: '/watch', signal: never })).rejects.toMatchObject({ code: 403 });
  });

  it('that do not open in time are given up', async () => {
    server.script(() => {});
    const clock = new FakeClock();
    transport = start({ clock });
    const failed = expect(transport.stream({ method: 'GET', path: '/watch', signal: never })).rejects.toMatchObject({ reason: 'Timeout' });
    await eventually('the request arrives', () => server.requests.length === 1);
    await clock.advance(30_000);
    await failed;
    await eventually('the socket is closed', () => server.sockets.open === 0);
  });
});

describe('errors', () => {
  it('never hold the credential, whatever fails', async () => {
    const credential = { authorization: 'Bearer s3cret' };
    const attempts: [string, () => Promise<unknown>][] = [];
    server.script((request, response) => answer(response, 401, status(401, 'Unauthorized', `bad ${String(request.headers.authorization)}`)));
    const talking = start({ connection: connectionTo(server.url, { credential }) });
    const refused = start({ connection: connectionTo('http://127.0.0.1:1', { credential }) });
    attempts.push(['401', () => talking.json({ method: 'GET', path: '/x', signal: never })], ['refused', () => refused.json({ method: 'POST', path: '/x', body: {}, signal: never })]);
    for (const [, attempt] of attempts) {
      const error = await attempt().catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(KubeError);
      const { message, stack, cause, causes } = error as KubeError;
      expect(`${message} ${stack} ${JSON.stringify(causes)} ${JSON.stringify(cause, Object.getOwnPropertyNames(cause ?? {}))}`).not.toContain('s3cret');
    }
    await Promise.all([talking.close(), refused.close()]);
  });
});
