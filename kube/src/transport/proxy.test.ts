import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { client, firstAuthority, firstServer, secondAuthority } from '../testing/certificates.ts';
import { connectionTo } from '../testing/connection.ts';
import { eventually } from '../testing/eventually.ts';
import { ForwardProxy } from '../testing/forward-proxy.ts';
import { answer, ScriptedServer } from '../testing/scripted-server.ts';
import { Transport } from './transport.ts';

const never = new AbortController().signal;
const password = `Basic ${Buffer.from('me:p@ss-s3cret').toString('base64')}`;
let server: ScriptedServer;
let proxy: ForwardProxy;
let transport: Transport | undefined;

beforeEach(async () => {
  server = await ScriptedServer.listen({ tls: { ...firstServer, clientAuthority: firstAuthority }, script: (_request, response) => answer(response, 200, { through: true }) });
  proxy = await ForwardProxy.listen({ authorization: password });
});

afterEach(async () => {
  await transport?.close();
  await proxy.close();
  await server.close();
});

function through(url: string, ca = firstAuthority): Transport {
  transport = new Transport({ connection: { ...connectionTo(server.url, { trust: { ca }, credential: { authorization: 'Bearer t0ken-abc', certificate: client } }), proxy: url } });
  return transport;
}

describe('a proxy', () => {
  it('is given its own password; TLS, the client certificate and the token go through to the server', async () => {
    const kube = through(`http://me:p%40ss-s3cret@127.0.0.1:${proxy.port}`);
    for (let call = 0; call < 5; call++) expect(await kube.json({ method: 'GET', path: '/x', signal: never })).toEqual({ through: true });
    expect(proxy.tunnels[0]).toEqual({ target: `127.0.0.1:${server.port}`, authorization: password });
    expect(proxy.tunnels.length).toBeLessThanOrEqual(2);
    expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer t0ken-abc' });
    expect(server.requests[0]?.headers['proxy-authorization']).toBeUndefined();
    await kube.close();
    await eventually('no socket is left', () => proxy.open === 0 && server.sockets.open === 0);
  });

  it('does not weaken trust in the server', async () => {
    const kube = through(`http://me:p%40ss-s3cret@127.0.0.1:${proxy.port}`, secondAuthority);
    await expect(kube.json({ method: 'POST', path: '/x', body: {}, signal: never })).rejects.toMatchObject({ reason: 'Network' });
    expect(server.requests).toHaveLength(0);
  });

  it.each([
    ['refuses its password', () => proxy.port],
    ['is not there', () => 1],
  ])('that %s ends in an error that shows no password', async (_what, port) => {
    const error = await through(`http://me:wr0ng-s3cret@127.0.0.1:${port()}`).json({ method: 'POST', path: '/x', body: {}, signal: never }).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ reason: 'Network' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/wr0ng-s3cret|t0ken-abc/);
  });
});

describe('impersonation', () => {
  it('is sent in the headers that the API server reads', async () => {
    const plain = await ScriptedServer.listen({ script: (_request, response) => answer(response, 200, {}) });
    const impersonate = { user: 'jane', uid: '7', groups: ['dev', 'qa'], extra: { 'acme.com/Scope': ['read', 'write'] } };
    transport = new Transport({ connection: { ...connectionTo(plain.url), impersonate } });
    await transport.json({ method: 'GET', path: '/x', signal: never });
    expect(plain.requests[0]?.headers).toMatchObject({
      'impersonate-user': 'jane', 'impersonate-uid': '7', 'impersonate-group': 'dev, qa', 'impersonate-extra-acme.com%2fscope': 'read, write',
    });
    await transport.close();
    await plain.close();
  });
});
