import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { freePorts } from '../../../hack/src/cluster/free-ports.ts';
import { type SeenRequest, SEEN_PATH, startEchoServer } from './echo-server.ts';
import { startLoad } from './load-client.ts';

const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

async function echo(): Promise<string> {
  const ports = await freePorts(1);
  ends.push(await startEchoServer({ revision: 'stable', ports }));
  return `http://127.0.0.1:${ports[0]}/`;
}

test('as many requests as asked for, each answered by the revision', async () => {
  const url = await echo();
  const load = startLoad({ url, concurrency: 3, streams: 0, requests: 20, headers: { 'x-mark': 'one' } });
  await load.answered;
  expect(await load.stop()).toMatchObject({ requests: 20, streams: 0, failures: {}, revisions: { stable: 20 } });
  const seen = (await (await fetch(new URL(SEEN_PATH, url))).json()) as SeenRequest[];
  expect(seen.map(({ headers }) => headers['x-mark'])).toEqual(Array.from({ length: 20 }, () => 'one'));
});

test('streams are read to their last event, also when the load is stopped meanwhile', async () => {
  const load = startLoad({ url: await echo(), concurrency: 0, streams: 2, streamPath: '/stream?events=3&every=10' });
  const summary = await load.stop();
  expect(summary).toMatchObject({ requests: 0, streams: 2, failures: {}, revisions: { stable: 2 } });
});

test('a stream that ends early, a bad status and a connection that is refused are failures, each by its name', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/stream') response.end('data: 1\n\n');
    else response.writeHead(503).end('no backend');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(async () => new Promise((resolve) => server.close(() => resolve())));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const bad = startLoad({ url, concurrency: 1, streams: 1, requests: 1, streamPath: '/stream' });
  await bad.answered;
  expect(Object.keys((await bad.stop()).failures).toSorted()).toEqual(['request answered 503: no backend', 'stream without its last event']);
  const [port] = await freePorts(1);
  const refused = startLoad({ url: `http://127.0.0.1:${port}/`, concurrency: 1, streams: 0, requests: 1 });
  await refused.answered;
  expect(Object.keys((await refused.stop()).failures)).toEqual([expect.stringContaining('ECONNREFUSED')]);
});

test('a session sends the cookies that it was given, and a change of its revision is counted', async () => {
  const cookies: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    cookies.push(request.headers.cookie);
    response.setHeader('x-sluice-revision', cookies.length < 3 ? 'one' : 'two');
    response.setHeader('set-cookie', ['revision=one; Path=/; HttpOnly', 'other=1']);
    request.resume().once('end', () => response.end(`${request.method} ${request.headers['content-type']}`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(async () => new Promise((resolve) => server.close(() => resolve())));
  const load = startLoad({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, concurrency: 1, streams: 0, requests: 4, body: '{}' });
  await load.answered;
  expect(await load.stop()).toMatchObject({ requests: 4, moves: 1, failures: {}, revisions: { one: 2, two: 2 } });
  expect(cookies).toEqual([undefined, ...Array.from({ length: 3 }, () => 'revision=one; other=1')]);
});
