import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, openReplicas, question, type Replicas } from './replicas.ts';

/** Milliseconds that a connection of the store may take. */
const connectMs = 5_000;

const stop = new AbortController();
let replicas: Replicas;
beforeAll(async () => {
  replicas = await openReplicas(stop.signal);
}, 600_000);
afterAll(async () => {
  stop.abort();
  await replicas?.close();
}, 60_000);

interface StallingProxy {
  readonly url: string;
  /** From now on connections are taken and nothing goes through. */
  readonly stall: () => void;
  /** What stalled is ended, and all goes through again. */
  readonly goOn: () => void;
  readonly close: () => Promise<void>;
}

async function startProxy(target: string): Promise<StallingProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let state: 'open' | 'stalled' = 'open';
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    keep(client);
    if (state === 'stalled') return;
    const upstream = connect(Number(port), hostname);
    keep(upstream);
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      from.on('data', (chunk: Buffer) => {
        if (state === 'open') to.write(chunk);
      });
      from.on('close', () => to.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  url.hostname = '127.0.0.1';
  const endAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    stall: () => (state = 'stalled'),
    goOn: () => {
      state = 'open';
      endAll();
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      endAll();
      await closed;
    },
  };
}

it('a Postgres that stalls is waited for by few: the others are refused at once, what needs none is answered, and all is well when it answers again', { timeout: 300_000 }, async () => {
  const proxy = await startProxy(replicas.postgres.url);
  const replica = await replicas.start({ environment: { SLUICE_STORE: proxy.url } });
  const newSession = async (): Promise<number> => (await ask(replica, { path: '/v1/sessions' })).status;
  expect(await newSession()).toBe(201);
  proxy.stall();
  expect(await Promise.all([newSession(), newSession(), newSession()])).toEqual([503, 503, 503]);
  let waited = 0;
  for (let request = 0; request < 10; request += 1) {
    const began = performance.now();
    const refused = await ask(replica, { path: '/v1/sessions' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
    if (performance.now() - began >= connectMs - 500) waited += 1;
  }
  // Those that try, now and then; without the rest each of them would.
  expect(waited).toBeLessThanOrEqual(3);
  expect((await ask(replica, { path: '/v1/invoke', body: question('How long is it?') })).status).toBe(200);
  expect((await ask(replica, { method: 'GET', path: '/readyz' })).status).toBe(200);
  proxy.goOn();
  await expect.poll(newSession, { timeout: 30_000 }).toBe(201);
  await replicas.stopAll();
  await proxy.close();
});
