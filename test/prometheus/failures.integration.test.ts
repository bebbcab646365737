import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request as forward } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@sluice/kube';
import type { Objective } from '@sluice/crds';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../../hack/src/cluster/free-ports.ts';
import { firstAuthority, firstServer, secondAuthority } from '../../kube/src/testing/certificates.ts';
import { PrometheusSource, type Evidence, type PrometheusSourceOptions } from '../../operator/src/evidence/index.ts';
import { PlayedPod } from './played-pod.ts';
import { startPrometheus, type PrometheusServer } from './prometheus-server.ts';

const secret = 'a-token-that-nobody-may-see';
const signal = new AbortController().signal;
const since = Date.now();
let folder: string;
let server: PrometheusServer;
let pod: PlayedPod;
let sources: PrometheusSource[] = [];
let proxy: ReturnType<typeof createServer>;
let proxyUrl: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-failures-'));
  await writeFile(join(folder, 'ca.crt'), firstAuthority);
  await writeFile(join(folder, 'other.crt'), secondAuthority);
  const [port = 0] = await freePorts(1);
  pod = new PlayedPod({ name: 'canary-a', port, startedAt: since + 1 });
  await pod.start();
  pod.serve(20, { badEvery: 4 });
  server = await startPrometheus([{ pod: pod.name, namespace: 'shop', port }], signal);
  await server.until('up', ([up]) => up === 1);
  await startProxy();
}, 1_200_000);

afterEach(async () => {
  await Promise.all(sources.map((source) => source.close()));
  sources = [];
});

afterAll(async () => {
  proxy.closeAllConnections();
  proxy.close();
  pod.stop();
  await server.stop();
  await rm(folder, { recursive: true });
});

/** Prometheus itself knows no bearer tokens: what stands before it does. */
async function startProxy(): Promise<void> {
  proxy = createServer({ cert: firstServer.cert, key: firstServer.key }, (incoming, response) => {
    if (incoming.headers.authorization !== `Bearer ${secret}`) return void response.writeHead(401).end(`you sent ${incoming.headers.authorization ?? 'nothing'}`);
    const onward = forward(`${server.url}${incoming.url ?? ''}`, { method: 'POST', ca: firstAuthority, headers: { 'content-type': incoming.headers['content-type'] } }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, { 'content-type': 'application/json' });
      answer.pipe(response);
    });
    incoming.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  proxyUrl = `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

function sourceOf(options: Partial<PrometheusSourceOptions>): PrometheusSource {
  const source = new PrometheusSource({ clock: systemClock, url: server.url, caFile: join(folder, 'ca.crt'), timeoutMs: 20_000, minIntervalMs: 0, ...options });
  sources.push(source);
  return source;
}

async function collect(source: PrometheusSource, objectives: readonly Objective[] = []): Promise<Evidence> {
  const evidence = await source.collect({ windowId: 'w', since, stable: [], canary: [pod.target], objectives }, { signal });
  expect(JSON.stringify(evidence)).not.toContain(secret);
  return evidence;
}

/** All is missing: nothing counted, nothing read, and it is said why. */
function expectMissing(evidence: Evidence, reason: string): void {
  expect(evidence).toMatchObject({ missedScrapes: 1, canary: { requests: 0, bad: 0 }, problems: [{ reason: expect.stringContaining(reason) as string }] });
  expect(evidence).not.toHaveProperty('lastScrapeAt');
}

test('behind a proxy that asks for a bearer token, which is rotated while it runs', async () => {
  const bearerTokenFile = join(folder, 'token');
  await writeFile(bearerTokenFile, 'an-old-token');
  const source = sourceOf({ url: proxyUrl, bearerTokenFile });
  expectMissing(await collect(source), 'it answered with status 401: check the bearer token');
  await writeFile(bearerTokenFile, secret);
  expect((await collect(source)).canary).toMatchObject({ requests: 24, bad: 5 });
});

test('with a certificate of another authority', async () => {
  expectMissing(await collect(sourceOf({ caFile: join(folder, 'other.crt') })), 'check the CA file');
});

test('by plain HTTP on a port that speaks TLS', async () => {
  expectMissing(await collect(sourceOf({ url: server.url.replace('https', 'http') })), 'Prometheus: it answered with status 400');
});

test('that hangs', async () => {
  server.pause();
  try {
    expectMissing(await collect(sourceOf({ timeoutMs: 500 })), 'no answer within 500 ms');
  } finally {
    server.resume();
  }
});

test('with an answer that is too large', async () => {
  expectMissing(await collect(sourceOf({ maxBytes: 500 })), 'larger than 500 bytes');
});

test.each([
  ['that does not parse', 'sum by (', 'query.bad: Prometheus: it refused the query: bad_data'],
  ['of a metric that is not there', 'sum by (pod) (no_such_metric_total)', 'query.bad returns nothing'],
  ['that divides by zero', 'sum by (pod) (sluice_requests_total) * 0 / 0', 'query.bad is NaN'],
  ['of rates', 'sum by (pod) (rate(sluice_requests_total[1m])) + 0.5', 'which is no count'],
  ['without the label pod', 'sum(sluice_requests_total)', 'query.bad returns no series with the label pod'],
  ['that is a number', '5', 'the query returns a scalar'],
  ['of a range', 'sluice_requests_total[1m]', 'the query returns a matrix'],
])('a query %s: that objective is missing, the rest is counted', async (_, bad, reason) => {
  const { canary, problems } = await collect(sourceOf({}), [{ name: 'asked', query: { bad, total: 'sum by (pod) (sluice_requests_total)' } }]);
  expect(problems).toEqual([{ objective: 'asked', field: 'query.bad', reason: expect.stringContaining(reason) as string }]);
  expect(canary).toMatchObject({ requests: 24 });
  expect(canary).not.toHaveProperty('counts');
});

test('of a pod that it never scraped, and of one that it cannot scrape any more', async () => {
  const source = sourceOf({});
  expectMissing(await source.collect({ windowId: 'v', since, stable: [], canary: [{ ...pod.target, uid: 'x', name: 'canary-z' }] }, { signal }), 'Prometheus has no sluice_requests_total');
  const before = await collect(source);
  pod.stop();
  await server.until('up', ([up]) => up === 0);
  const after = await source.collect({ windowId: 'w', since, previous: before, stable: [], canary: [pod.target] }, { signal });
  expect(after).toMatchObject({ missedScrapes: 1, canary: before.canary, lastScrapeAt: before.lastScrapeAt });
});
