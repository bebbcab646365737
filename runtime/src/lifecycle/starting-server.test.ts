import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { freePort, startLoopbackServer } from '../testing/loopback-server.ts';
import { createStartingServer, type StartingServer } from './starting-server.ts';

const host = '127.0.0.1';
const opened: StartingServer[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

async function open(): Promise<{ readonly server: StartingServer; readonly clock: ReturnType<typeof createFakeClock>; readonly url: string; readonly port: number }> {
  const clock = createFakeClock();
  const port = await freePort();
  const server = createStartingServer({ host, port, clock, afterMs: 2_000, onError: () => {} });
  opened.push(server);
  return { server, clock, port, url: `http://${host}:${port}` };
}

const told = async (url: string): Promise<unknown> => await fetch(url).then(async (response) => [response.status, await response.json()], () => 'nobody');

describe('a process that starts', () => {
  it('answers nobody at first, and its probes when it takes long', async () => {
    const { clock, url } = await open();
    clock.advance(1_999);
    expect(await told(`${url}/healthz`)).toBe('nobody');
    clock.advance(1);
    await expect.poll(() => told(`${url}/healthz`)).toEqual([200, { status: 'ok' }]);
    expect(await told(`${url}/readyz?verbose`)).toEqual([503, { status: 'not_ready', reasons: ['starting'] }]);
  });

  it('says at once why it is not ready, and everybody else when to come back', async () => {
    const { server, url } = await open();
    server.tell('store_unavailable');
    await expect.poll(() => told(`${url}/readyz`)).toEqual([503, { status: 'not_ready', reasons: ['store_unavailable'] }]);
    server.tell('store_unavailable', 'the host name "db" does not resolve');
    expect(await told(`${url}/readyz`)).toEqual([503, { status: 'not_ready', reasons: ['store_unavailable'], detail: 'the host name "db" does not resolve' }]);
    const other = await fetch(`${url}/v1/invoke`, { method: 'POST', body: '{}' });
    expect([other.status, other.headers.get('retry-after'), other.headers.get('content-type')]).toEqual([503, '2', 'application/problem+json']);
    expect(await other.json()).toMatchObject({ type: 'urn:sluice:problem:starting', status: 503 });
  });

  it('leaves its address to the server that comes after', async () => {
    const { server, url, port, clock } = await open();
    server.tell('store_unavailable');
    await expect.poll(() => told(`${url}/healthz`)).toEqual([200, { status: 'ok' }]);
    await server.close();
    const after = createStartingServer({ host, port, clock, afterMs: 1, onError: () => {} });
    opened.push(after);
    after.tell('starting');
    await expect.poll(() => told(`${url}/readyz`)).toMatchObject([503, { reasons: ['starting'] }]);
    expect(clock.pending()).toBe(1);
  });

  it('closes what never was opened, and tells of an address that somebody else has', async () => {
    const quick = await open();
    await quick.server.close();
    expect(quick.clock.pending()).toBe(0);
    const other = await startLoopbackServer(() => {});
    const errors: unknown[] = [];
    const server = createStartingServer({ host, port: Number(new URL(other.url).port), clock: createFakeClock(), afterMs: 1, onError: (error) => errors.push(error) });
    server.tell('starting');
    await server.close();
    expect(errors).toMatchObject([{ code: 'EADDRINUSE' }]);
    await other.close();
  });
});
