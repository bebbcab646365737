import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import { firstAuthority, firstServer, secondAuthority, secondServer } from '../testing/certificates.ts';
import { eventually } from '../testing/eventually.ts';
import { answer, type Script, ScriptedServer } from '../testing/scripted-server.ts';
import { Transport } from '../transport/transport.ts';
import { inClusterConfig } from './in-cluster.ts';

const never = new AbortController().signal;
const script: Script = (request, response) => (request.query.has('watch') ? void response.writeHead(200).write('x\n') : answer(response, 200, { token: request.headers.authorization }));
let root: string;
let clock: FakeClock;
let server: ScriptedServer;
let transport: Transport;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'rotation-'));
  clock = new FakeClock();
  mount({ ca: firstAuthority, token: 'one' });
  server = await ScriptedServer.listen({ tls: firstServer, script });
  const { port } = server;
  transport = new Transport({ connection: inClusterConfig({ root, env: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port) }, clock }), clock });
});

afterEach(async () => {
  await transport.close();
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

function mount(files: { ca?: string; token?: string }): void {
  if (files.ca !== undefined) writeFileSync(join(root, 'ca.crt'), files.ca);
  if (files.token !== undefined) writeFileSync(join(root, 'token'), `${files.token}\n`);
}

function call(): Promise<unknown> {
  return transport.json({ method: 'GET', path: '/x', signal: never });
}

describe('in a cluster whose certificates rotate', () => {
  it('calls and a watch go on: new authority beside the old, then a new server certificate, then the old authority gone', async () => {
    const watch = await transport.stream({ method: 'GET', path: '/x', query: { watch: 'true' }, signal: never });
    const reader = watch[Symbol.asyncIterator]();
    expect((await reader.next()).value).toHaveLength(2);
    expect(await call()).toEqual({ token: 'Bearer one' });

    mount({ ca: `${firstAuthority}${secondAuthority}`, token: 'two' });
    await clock.advance(60_000);
    expect(await call()).toEqual({ token: 'Bearer two' });
    expect(server.sockets.open).toBeGreaterThanOrEqual(2);

    const { port } = server;
    await server.close();
    server = await ScriptedServer.listen({ tls: secondServer, port, script });
    await expect(reader.next()).rejects.toMatchObject({ reason: 'Network' });
    const again = await transport.stream({ method: 'GET', path: '/x', query: { watch: 'true' }, signal: never });
    expect((await again[Symbol.asyncIterator]().next()).value).toHaveLength(2);
    expect(await call()).toEqual({ token: 'Bearer two' });

    mount({ ca: secondAuthority });
    await clock.advance(60_000);
    expect(await call()).toEqual({ token: 'Bearer two' });
    await transport.close();
    await eventually('no socket is left', () => server.sockets.open === 0);
  });

  it('a server with a certificate of an authority that is gone is refused', async () => {
    await call();
    mount({ ca: secondAuthority });
    await clock.advance(60_000);
    await expect(transport.json({ method: 'POST', path: '/x', body: {}, signal: never })).rejects.toMatchObject({ reason: 'Network' });
    expect(server.requests.every((request) => request.method === 'GET')).toBe(true);
  });
});
