import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstAuthority, firstServer } from '../../../kube/src/testing/certificates.ts';

const run = promisify(execFile);
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'a', resourceVersion: '1' } };
const end = { type: 'BOOKMARK', object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: '1', annotations: { 'k8s.io/initial-events-end': 'true' } } } };
let server: Server;

/** Watches begin with one object and are quiet from then on. */
beforeAll(async () => {
  server = createServer(firstServer, (request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(`${JSON.stringify({ type: 'ADDED', object })}\n${request.url?.includes('sendInitialEvents') ? `${JSON.stringify(end)}\n` : ''}`);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => { server.close(resolve); });
});

async function costOf(side: 'ours' | 'theirs'): Promise<{ heap: number; buffers: number }> {
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'quiet-watches.ts'), side, url, firstAuthority, '20', '150'], { timeout: 25_000 });
  return JSON.parse(stdout) as { heap: number; buffers: number };
}

test('row B.1/watch-memory: an informer with a quiet watch holds less heap and buffers than a bare watch of client-node, measured alike', { timeout: 60_000 }, async () => {
  const [ours, theirs] = [await costOf('ours'), await costOf('theirs')];
  expect(ours.heap).toBeGreaterThan(0);
  // Both sides' process memory is mostly that of TLS, one connection for a watch: the same within the noise.
  expect(ours.heap + ours.buffers).toBeLessThan(theirs.heap + theirs.buffers);
});
