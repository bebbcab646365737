import type { LookupAddress } from 'node:dns';
import { afterEach, describe, expect, it } from 'vitest';
import { startLoopbackServer, type LoopbackServer } from '../testing/loopback-server.ts';
import { EgressRefused, refusalIn } from './egress-refused.ts';
import { createHttpTransport, type HttpTransport } from './transport.ts';
import type { EgressPolicy } from './policy.ts';

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

interface Rig {
  readonly transport: HttpTransport;
  readonly server: LoopbackServer;
  /** The URL of the server under a name of somebody else. */
  readonly url: URL;
  readonly lookups: readonly string[];
  readonly send: (policy?: Partial<EgressPolicy>, url?: URL) => Promise<number>;
}

/** A server on loopback, reached by names that resolve as `answers` say; the last one repeats. */
async function rig(...answers: readonly (readonly string[])[]): Promise<Rig> {
  const server = await startLoopbackServer((exchange, response) => (exchange.path === '/away' ? response.writeHead(302, { location: '/' }).end() : response.end('hello')));
  const lookups: string[] = [];
  const resolveHost = async (host: string): Promise<LookupAddress[]> => {
    const answer = answers[Math.min(lookups.length, answers.length - 1)] ?? [];
    lookups.push(host);
    return answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
  const transport = createHttpTransport({ resolveHost });
  opened.push(transport.close, server.close);
  const url = new URL(server.url);
  url.hostname = 'api.example.com';
  const send = async (policy: Partial<EgressPolicy> = {}, to = url): Promise<number> => {
    const egress = { allowedHosts: ['api.example.com', 'localhost', '127.0.0.1', '169.254.169.254'], ownPort: to.port, ...policy };
    const response = await transport.send({ url: to, method: 'GET', headers: { connection: 'close' }, egress }, AbortSignal.timeout(5_000));
    await response.discard();
    return response.status;
  };
  return { transport, server, url, lookups, send };
}

const loopback = { allowedNetworks: ['127.0.0.0/8'] };

describe('a tool that sends a request', () => {
  it('dials the address that was checked, which is looked up once', async () => {
    const { send, lookups, server } = await rig(['127.0.0.1'], ['169.254.169.254']);
    expect(await send(loopback)).toBe(200);
    expect(lookups).toEqual(['api.example.com']);
    expect(server.exchanges[0]?.headers.host).toMatch(/^api\.example\.com:/);
  });

  it('is refused by a name that is bound to another address later', async () => {
    const { send, server } = await rig(['127.0.0.1'], ['169.254.169.254']);
    expect(await send(loopback)).toBe(200);
    await expect(send(loopback)).rejects.toThrow(EgressRefused);
    expect(server.exchanges).toHaveLength(1);
  });

  it.each([[['127.0.0.1']], [['10.0.0.1']], [['93.184.216.34', '127.0.0.1']], [['127.0.0.1', '::1']], [['::ffff:127.0.0.1']]])('is refused by a public name that resolves to %j', async (answer) => {
    const { send, server } = await rig(answer);
    await expect(send()).rejects.toSatisfy((error) => refusalIn(error)?.message.startsWith('the host api.example.com leads to a') === true);
    expect(server.exchanges).toHaveLength(0);
  });

  it('is refused as a whole where one of the addresses of a name is not allowed, though the first one is', async () => {
    const { send, server } = await rig(['127.0.0.1', '169.254.169.254']);
    await expect(send({}, new URL(`http://localhost:${new URL(server.url).port}/`))).rejects.toSatisfy((error) => refusalIn(error)?.message.includes('an address that no tool may reach') === true);
    expect(server.exchanges).toHaveLength(0);
  });

  it('does not lend a kept connection to a tool that may not open it', async () => {
    const { transport, send, server, url } = await rig(['127.0.0.1']);
    const egress = { allowedHosts: ['api.example.com'], ownPort: url.port, ...loopback };
    const response = await transport.send({ url, method: 'GET', headers: {}, egress }, AbortSignal.timeout(5_000));
    await response.discard();
    await expect(send()).rejects.toThrow(EgressRefused);
    expect(server.exchanges).toHaveLength(1);
  });

  it('reaches what its author named: localhost, and an address', async () => {
    const { send, server, lookups } = await rig(['127.0.0.1']);
    const { port } = new URL(server.url);
    expect(await send({}, new URL(`http://localhost:${port}/`))).toBe(200);
    expect(await send({}, new URL(`http://127.0.0.1:${port}/`))).toBe(200);
    expect(await send({}, new URL(`http://2130706433:${port}/`))).toBe(200);
    expect(lookups).toEqual(['localhost']);
    await expect(send({ allowedNetworks: ['0.0.0.0/0'] }, new URL('http://169.254.169.254/'))).rejects.toThrow('an address that no tool may reach');
  });

  it('fails for a name without addresses, and for a host that is not on the list without a look-up', async () => {
    const { send, lookups } = await rig([]);
    await expect(send()).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await expect(send({ allowedHosts: ['other.example.com'] })).rejects.toThrow('the host api.example.com is not on the allow-list of the tool');
    expect(lookups).toHaveLength(1);
  });
});

describe('fetcher', () => {
  it('is held by the same rules, and follows nothing', async () => {
    const { transport, url, server } = await rig(['127.0.0.1']);
    const open = transport.fetcher({ allowedHosts: ['api.example.com'], ownPort: url.port, ...loopback });
    expect(await (await open(url)).text()).toBe('hello');
    await expect(open(new URL('/away', url))).rejects.toThrow('fetch failed');
    const closed = transport.fetcher({ allowedHosts: ['api.example.com'], ownPort: url.port });
    await expect(closed(url)).rejects.toSatisfy((error) => refusalIn(error) !== undefined);
    await expect(closed('http://169.254.169.254/')).rejects.toThrow(EgressRefused);
    expect(server.exchanges.map(({ path }) => path)).toEqual(['/', '/away']);
  });
});
