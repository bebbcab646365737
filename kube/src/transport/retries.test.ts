import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import type { ClusterConnection } from '../config/connection.ts';
import { fakeRandom } from '../random-fake.ts';
import { connectionTo } from '../testing/connection.ts';
import { eventually } from '../testing/eventually.ts';
import { answer, ScriptedServer, status } from '../testing/scripted-server.ts';
import { Transport, type TransportRequest } from './transport.ts';

const never = new AbortController().signal;
let server: ScriptedServer;
let clock: FakeClock;
let transport: Transport;

function start(connection: ClusterConnection = connectionTo(server.url)): Transport {
  return new Transport({ connection, clock, random: fakeRandom(0.5) });
}

/** Answers with each code in turn, then with 200. */
function scripted(...answers: readonly [number, Record<string, string>?][]): void {
  let turn = 0;
  server.script((_request, response) => {
    const [code, headers] = answers[turn++] ?? [200];
    answer(response, code, code === 200 ? { ok: true } : status(code, '', 'later'), headers);
  });
}

async function advanceUntilRequests(count: number, stepMs: number): Promise<void> {
  await eventually(`${count} requests`, async () => {
    await clock.advance(stepMs);
    return server.requests.length >= count;
  });
}

beforeEach(async () => {
  clock = new FakeClock();
  server = await ScriptedServer.listen();
  transport = start();
});

afterEach(async () => {
  await transport.close();
  await server.close();
});

describe('429', () => {
  it('is tried again no sooner than Retry-After says, even for a create', async () => {
    scripted([429, { 'retry-after': '7' }]);
    const call = transport.json({ method: 'POST', path: '/x', body: {}, signal: never });
    await eventually('the first try', () => server.requests.length === 1);
    await eventually('the pause begins', () => clock.pendingTimers === 2);
    await clock.advance(7_000);
    expect(server.requests).toHaveLength(1);
    // Half of the spread (25 % of 7 s) that fakeRandom(0.5) draws.
    await clock.advance(900);
    expect(await call).toEqual({ ok: true });
  });

  it('is given up after five tries', async () => {
    server.script((_request, response) => answer(response, 429, status(429, 'TooManyRequests', 'later')));
    const failed = expect(transport.json({ method: 'GET', path: '/x', signal: never })).rejects.toMatchObject({ code: 429 });
    await advanceUntilRequests(5, 200);
    await failed;
    expect(server.requests).toHaveLength(5);
  });

  it('is handed to the caller at once when waiting would overrun the deadline', async () => {
    scripted([429, { 'retry-after': '60' }]);
    await expect(transport.json({ method: 'GET', path: '/x', signal: never })).rejects.toMatchObject({ code: 429, retryAfterMs: 60_000 });
    expect(server.requests).toHaveLength(1);
  });

  it('does not keep a cancelled caller waiting', async () => {
    scripted([429, { 'retry-after': '20' }]);
    const stop = new AbortController();
    const call = transport.json({ method: 'GET', path: '/x', signal: stop.signal });
    await eventually('the first try', () => server.requests.length === 1);
    stop.abort();
    await expect(call).rejects.toMatchObject({ reason: 'Cancelled' });
  });
});

describe('other faults', () => {
  const put: Omit<TransportRequest, 'signal'> = { method: 'PUT', path: '/x', body: {} };
  const post: Omit<TransportRequest, 'signal'> = { method: 'POST', path: '/x', body: {} };
  const apply: Omit<TransportRequest, 'signal'> = { method: 'PATCH', path: '/x', body: {}, repeat: 'idempotent' };
  const patch: Omit<TransportRequest, 'signal'> = { method: 'PATCH', path: '/x', body: {} };

  it.each([['PUT', put, 2], ['apply', apply, 2], ['POST', post, 1], ['other PATCH', patch, 1]])('503 with Retry-After: %s is sent %i times', async (_name, request, times) => {
    scripted([503, { 'retry-after': '1' }]);
    const call = transport.json({ ...request, signal: never }).catch((error: unknown) => error);
    await advanceUntilRequests(times, 500);
    await call;
    expect(server.requests).toHaveLength(times);
  });

  it.each([[500], [502], [504], [409], [422]])('%i is never sent again', async (code) => {
    scripted([code]);
    await expect(transport.json({ method: 'GET', path: '/x', signal: never })).rejects.toMatchObject({ code });
    expect(server.requests).toHaveLength(1);
  });

  it('a reset connection is tried again for a read only', async () => {
    let resets = 2;
    server.script((_request, response) => (resets-- > 0 ? void response.socket?.resetAndDestroy() : answer(response, 200, { ok: true })));
    const read = transport.json({ method: 'GET', path: '/x', signal: never });
    await advanceUntilRequests(3, 100);
    expect(await read).toEqual({ ok: true });
    resets = 1;
    await expect(transport.json({ ...post, signal: never })).rejects.toMatchObject({ reason: 'Network' });
    expect(server.requests).toHaveLength(4);
  });
});

describe('401', () => {
  it('drops the credential and tries once with a new one', async () => {
    const tokens = ['old', 'new'];
    const rejected: (string | undefined)[] = [];
    const connection: ClusterConnection = {
      ...connectionTo(server.url),
      credentials: {
        current: () => Promise.resolve({ authorization: `Bearer ${tokens[0]}`, certificate: undefined }),
        rejected: (credential) => {
          rejected.push(credential.authorization);
          tokens.shift();
        },
      },
    };
    transport = start(connection);
    server.script((request, response) => (request.headers.authorization === 'Bearer new' ? answer(response, 200, {}) : answer(response, 401, status(401, 'Unauthorized', 'no'))));
    const call = transport.json({ method: 'POST', path: '/x', body: {}, signal: never });
    await advanceUntilRequests(2, 1);
    expect(await call).toEqual({});
    expect(rejected).toEqual(['Bearer old']);
  });

  it('is an error when the new one is refused as well', async () => {
    server.script((_request, response) => answer(response, 401, status(401, 'Unauthorized', 'no')));
    const failed = expect(transport.json({ method: 'GET', path: '/x', signal: never })).rejects.toMatchObject({ code: 401 });
    await advanceUntilRequests(2, 1);
    await failed;
    expect(server.requests).toHaveLength(2);
  });
});
