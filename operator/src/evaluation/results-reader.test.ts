import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@sluice/kube';
import { afterEach, describe, expect, test } from 'vitest';
import { PodResultsReader } from './results-reader.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function readerAt(answer: RequestListener, limits: { readonly timeoutMs?: number; readonly patienceMs?: number } = {}) {
  const server: Server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const reader = new PodResultsReader({ clock: systemClock, timeoutMs: 20_000, ...limits });
  open.push(reader, { close: () => (server.closeAllConnections(), server.close()) });
  return { reader, target: { ip: '127.0.0.1', port: (server.address() as AddressInfo).port, token: 'run-1' } };
}

async function readFrom(answer: RequestListener, { signal = new AbortController().signal, ...limits }: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {}) {
  const { reader, target } = await readerAt(answer, limits);
  return reader.read(target, 7, signal);
}

const page = { state: 'Running', results: ['{}'], next: 8, count: 8 };

test('a pod is asked by its token for what is not kept yet', async () => {
  const asked: unknown[] = [];
  const read = await readFrom((request, response) => {
    asked.push(request.url, request.headers.authorization);
    response.end(JSON.stringify(page));
  });
  expect(read).toEqual(page);
  expect(asked).toEqual(['/results?from=7', 'Bearer run-1']);
});

test.each<[string, RequestListener]>([
  ['refuses', (_, response) => void response.writeHead(401).end(JSON.stringify(page))],
  ['sends elsewhere', (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(JSON.stringify(page))],
  ['says something else', (_, response) => void response.end('<html>')],
  ['counts backwards', (_, response) => void response.end(JSON.stringify({ ...page, next: -1 }))],
  ['says NaN', (_, response) => void response.end('{"state":"Running","results":[],"next":NaN,"count":0}')],
  ['says far too much', (_, response) => void response.end(JSON.stringify({ ...page, results: ['x'.repeat(3 * 1_048_576)] }))],
  ['has a line that no evaluation writes', (_, response) => void response.end(JSON.stringify({ ...page, results: ['x'.repeat(900_000)] }))],
  ['breaks off', (request) => void request.socket.destroy()],
])('a pod that %s tells nothing', async (_what, answer) => {
  expect(await readFrom(answer)).toBeUndefined();
});

test('a pod that does not answer tells nothing, and does not hold the operator', async () => {
  expect(await readFrom(() => undefined, { timeoutMs: 50 })).toBeUndefined();
});

test('a pod that is not there tells nothing', async () => {
  const reader = new PodResultsReader({ clock: systemClock, timeoutMs: 5_000 });
  open.push(reader);
  expect(await reader.read({ ip: '127.0.0.1', port: 1, token: 't' }, 0, new AbortController().signal)).toBeUndefined();
});

test('an operator that stops does not wait', async () => {
  const stop = new AbortController();
  const reading = readFrom(() => stop.abort(new Error('stopped')), { signal: stop.signal });
  await expect(reading).rejects.toThrow('stopped');
});

describe('a pod that is waited for', () => {
  test('tells when it has more, while its pages are read beside that', async () => {
    const asked: unknown[] = [];
    const waiting: ServerResponse[] = [];
    const { reader, target } = await readerAt((request, response) => {
      asked.push(request.url, request.headers.authorization);
      if (request.url?.startsWith('/results/more') === true) waiting.push(response);
      else response.end(JSON.stringify(page));
    });
    const more = reader.more(target, 7);
    await expect.poll(() => waiting.length, { timeout: 20_000 }).toBe(1);
    expect(await reader.read(target, 7, new AbortController().signal)).toEqual(page);
    waiting[0]?.writeHead(204).end();
    expect(await more).toBe('More');
    expect(asked).toEqual(['/results/more?from=7', 'Bearer run-1', '/results?from=7', 'Bearer run-1']);
  });

  test.each<[string, RequestListener]>([
    ['does not know the question', (_, response) => void response.writeHead(404).end()],
    ['answers without an end', (_, response) => void response.writeHead(200).write('x'.repeat(100_000))],
    ['sends elsewhere', (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['breaks off', (request) => void request.socket.destroy()],
    ['finds out nothing', () => undefined],
  ])('has no news where it %s', async (_what, answer) => {
    const { reader, target } = await readerAt(answer, { patienceMs: 200 });
    expect(await reader.more(target, 0)).toBe('Quiet');
  });

  test('is let go of when the operator stops', async () => {
    const { reader, target } = await readerAt(() => {
      void reader.close();
    });
    expect(await reader.more(target, 0)).toBe('Quiet');
  });
});
