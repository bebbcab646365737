import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configMaps, KubeClient, type Protocol, Transport } from '@sluice/kube';
import { connectionTo } from '@sluice/kube/testing';
import { firstAuthority, firstServer } from '../../kube/src/testing/certificates.ts';

const list = JSON.stringify({ kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items: [] });
let server: Http2SecureServer;
let connections: number;
const versions = new Set<string>();

/** Like an API server, it offers HTTP/2 first and takes HTTP/1.1. */
beforeEach(async () => {
  connections = 0;
  versions.clear();
  server = createSecureServer({ ...firstServer, allowHTTP1: true }, (request, response) => {
    versions.add(request.httpVersion);
    response.writeHead(200, { 'content-type': 'application/json' });
    // A watch stays open, with a first event that shows it.
    if (request.url.includes('watch=')) response.write('{}\n');
    else response.end(list);
  });
  server.on('secureConnection', () => { connections += 1; });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
});

afterEach(() => new Promise((resolve) => { server.close(resolve); }));

/** Opens twelve watches, makes a hundred calls, one after the other, and closes. */
async function work(protocol: Protocol): Promise<void> {
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const transport = new Transport({ connection: connectionTo(url, { trust: { ca: firstAuthority } }), protocol });
  const client = new KubeClient({ transport });
  const call = { signal: AbortSignal.timeout(20_000) };
  for (let count = 0; count < 12; count++) {
    const stream = await client.watch(configMaps, { resourceVersion: '1', timeoutSeconds: 60 }, call);
    expect((await stream[Symbol.asyncIterator]().next()).done).toBe(false);
  }
  for (let count = 0; count < 100; count++) await client.list(configMaps, {}, call);
  await transport.close();
}

test('row B.1/h2: twelve watches and a hundred calls share one connection over HTTP/2', { timeout: 30_000 }, async () => {
  await work('http2');
  expect([...versions]).toEqual(['2.0']);
  expect(connections).toBe(1);
});

test('row B.1/memoised-dispatcher: over HTTP/1.1 they take a connection for each watch and two for the calls at most, whatever the server would rather speak', { timeout: 30_000 }, async () => {
  await work('http1');
  expect([...versions]).toEqual(['1.1']);
  expect(connections).toBeGreaterThanOrEqual(12);
  expect(connections).toBeLessThanOrEqual(14);
});
