import { afterEach, expect, it } from 'vitest';
import { fetch } from 'undici';
import { startLoopbackServer, type LoopbackServer } from '../testing/loopback-server.ts';
import { connectionsPerPool, ModelConnections } from './model-connections.ts';

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

interface SetUp {
  readonly server: LoopbackServer;
  readonly connections: ModelConnections;
  /** Of the clients: one for each connection. */
  readonly ports: ReadonlySet<number | undefined>;
}

async function setUp(): Promise<SetUp> {
  const ports = new Set<number | undefined>();
  const server = await startLoopbackServer((exchange, response) => {
    ports.add(response.socket?.remotePort);
    response.writeHead(200, { 'content-type': 'text/plain' }).write('begun');
    if (exchange.path === '/whole') response.end();
  });
  const connections = new ModelConnections({ headersTimeout: 0, bodyTimeout: 0 });
  opened.push(async () => connections.destroy(), server.close);
  return { server, connections, ports };
}

/** Streams that are open until the signal aborts. */
async function openStreams(url: string, count: number, { connections, signal }: { readonly connections: ModelConnections; readonly signal: AbortSignal }) {
  return await Promise.all(Array.from({ length: count }, async () => {
    const { body } = await fetch(`${url}/held`, { dispatcher: connections, signal });
    const reader = body!.getReader();
    await reader.read();
    return reader;
  }));
}

it('opens as many streams as are asked for, in pools of a bounded size, which go when the streams do', async () => {
  const { server, connections } = await setUp();
  for (const wave of [1, 2]) {
    const stop = new AbortController();
    const count = connectionsPerPool * 3 + 1;
    const readers = await openStreams(server.url, count, { connections, signal: stop.signal });
    expect([wave, server.exchanges.length, connections.pools]).toEqual([wave, wave * count, 4]);
    stop.abort();
    await Promise.allSettled(readers.map(async (reader) => reader.read()));
    await Promise.all(server.exchanges.map(async ({ closed }) => closed));
    await expect.poll(() => connections.pools).toBe(1);
  }
});

it('keeps connections for the next requests', async () => {
  const { server, connections, ports } = await setUp();
  for (let index = 0; index < 12; index += 1) expect(await (await fetch(`${server.url}/whole`, { dispatcher: connections })).text()).toBe('begun');
  expect([server.exchanges.length, connections.pools]).toEqual([12, 1]);
  // One may still be told of its end when the next request begins.
  expect(ports.size).toBeLessThanOrEqual(2);
});

it('counts a request whose connection fails as over', async () => {
  const { server, connections } = await setUp();
  await server.close();
  opened.pop();
  for (let index = 0; index < connectionsPerPool + 1; index += 1) await expect(fetch(server.url, { dispatcher: connections })).rejects.toThrow('fetch failed');
  expect(connections.pools).toBe(1);
});

it('ends what is under way when it is destroyed', async () => {
  const { server, connections } = await setUp();
  const [reader] = await openStreams(server.url, 1, { connections, signal: new AbortController().signal });
  const ended = expect(reader!.read()).rejects.toThrow();
  await connections.destroy();
  await ended;
  expect(connections.pools).toBe(0);
});
