import { afterEach, describe, expect, it } from 'vitest';
import type { ClusterConnection, Trust } from '../config/connection.ts';
import { client, firstAuthority, firstServer, secondAuthority, secondServer } from '../testing/certificates.ts';
import { connectionTo } from '../testing/connection.ts';
import { eventually } from '../testing/eventually.ts';
import { answer, ScriptedServer, type ServerTls } from '../testing/scripted-server.ts';
import { Transport } from './transport.ts';

const never = new AbortController().signal;
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function serve(tls: ServerTls): Promise<ScriptedServer> {
  const server = await ScriptedServer.listen({ tls, script: (_request, response) => answer(response, 200, {}) });
  open.push(server);
  return server;
}

function transportTo(connection: ClusterConnection): Transport {
  const transport = new Transport({ connection });
  open.push(transport);
  return transport;
}

function get(transport: Transport): Promise<unknown> {
  return transport.json({ method: 'GET', path: '/x', signal: never });
}

describe('TLS', () => {
  it('trusts the given authority only, with one handshake, two at most, for many calls', async () => {
    const server = await serve(firstServer);
    const transport = transportTo(connectionTo(server.url, { trust: { ca: firstAuthority } }));
    for (let call = 0; call < 20; call++) await get(transport);
    expect(server.sockets.accepted).toBeLessThanOrEqual(2);
    const distrusting = transportTo(connectionTo(server.url, { trust: { ca: secondAuthority } }));
    await expect(distrusting.json({ method: 'POST', path: '/x', body: {}, signal: never })).rejects.toMatchObject({ reason: 'Network' });
  });

  it('skips verification only when told to', async () => {
    const server = await serve(firstServer);
    expect(await get(transportTo(connectionTo(server.url, { trust: { verify: 'skip' } })))).toEqual({});
  });

  it('checks the name it was given', async () => {
    const server = await serve(firstServer);
    expect(await get(transportTo(connectionTo(server.url, { trust: { ca: firstAuthority, serverName: 'localhost' } })))).toEqual({});
    const other = transportTo(connectionTo(server.url, { trust: { ca: firstAuthority, serverName: 'elsewhere.test' } }));
    await expect(other.json({ method: 'POST', path: '/x', body: {}, signal: never })).rejects.toThrow(/elsewhere\.test|altnames/);
  });

  it('presents a client certificate', async () => {
    const server = await serve({ ...firstServer, clientAuthority: firstAuthority });
    const trust = { ca: firstAuthority };
    expect(await get(transportTo(connectionTo(server.url, { trust, credential: { certificate: client } })))).toEqual({});
    await expect(transportTo(connectionTo(server.url, { trust })).json({ method: 'POST', path: '/x', body: {}, signal: never })).rejects.toMatchObject({ reason: 'Network' });
  });

  it('uses a rotated authority for new connections and lets open streams go on', async () => {
    let trust: Trust = { ca: firstAuthority, serverName: undefined, verify: 'verify' };
    const before = await serve(firstServer);
    const connection: ClusterConnection = { ...connectionTo(before.url), trust: () => Promise.resolve(trust) };
    const transport = transportTo(connection);
    before.script((request, response) => (request.path === '/watch' ? void response.writeHead(200).write('x') : answer(response, 200, {})));
    const stream = await transport.stream({ method: 'GET', path: '/watch', signal: never });
    await get(transport);
    const { port } = before;
    trust = { ...trust, ca: `${firstAuthority}${secondAuthority}` };
    await get(transport);
    await eventually('the old call connection is gone, the watch and the new one stay', () => before.sockets.open === 2);
    const reader = stream[Symbol.asyncIterator]();
    expect((await reader.next()).value).toHaveLength(1);
    await before.close();
    open.push(await ScriptedServer.listen({ tls: secondServer, port, script: (_request, response) => answer(response, 200, { rotated: true }) }));
    expect(await get(transport)).toEqual({ rotated: true });
  });
});
