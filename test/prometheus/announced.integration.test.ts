import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Objective } from '@sluice/crds';
import { afterEach, expect, test } from 'vitest';
import { freePorts } from '../../hack/src/cluster/free-ports.ts';
import { firstAuthority } from '../../kube/src/testing/certificates.ts';
import { BothSources } from './both-sources.ts';
import { PlayedPod, type PlayedPodOptions } from './played-pod.ts';
import { startPrometheus, type ScrapeTarget } from './prometheus-server.ts';

const signal = new AbortController().signal;
const failed = 'orders_failed_total';
const objectives: readonly Objective[] = [{ name: 'orders', counter: { bad: { metric: failed }, total: { metric: 'sluice_requests_total' } } }];
let undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const action of undo.toReversed()) await action();
  undo = [];
});

type Played = Pick<PlayedPodOptions, 'announces' | 'format'> & Pick<ScrapeTarget, 'drops' | 'renames' | 'job'>;

/** A stable pod and one of the new revision, both sources and a real Prometheus. */
async function scene(stable: Played, canary: Played) {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-announced-'));
  undo.push(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'ca.crt'), firstAuthority);
  const since = Date.now();
  const ports = await freePorts(2);
  const [a, c] = [stable, canary].map((played, index) => new PlayedPod({ ...played, name: ['stable-a', 'canary-a'][index] ?? '', port: ports[index] ?? 0, startedAt: since + 1 })) as [PlayedPod, PlayedPod];
  for (const pod of [a, c]) {
    await pod.start();
    undo.push(() => pod.stop());
    pod.serve(20, { badEvery: 4 });
  }
  const server = await startPrometheus([a, c].map(({ name, port }, index) => ({ ...[stable, canary][index], pod: name, namespace: 'shop', port })), signal);
  undo.push(() => server.stop());
  const sources = new BothSources(server, { since, caFile: join(folder, 'ca.crt'), objectives });
  undo.push(() => sources.close());
  return { a, c, server, look: () => sources.look({ stable: [a], canary: [c] }, { signal }) };
}

const announces = [failed];

test.each<[string, Played]>([['the text format', { announces }], ['OpenMetrics', { announces, format: 'OpenMetrics' }]])('a counter that is announced without a series is 0 by both sources until its first event, in %s', async (_, played) => {
  const { a, c, look } = await scene(played, played);
  const first = await look();
  expect(first.prometheus).not.toHaveProperty('problems');
  expect(first.prometheus.canary.counts).toEqual([{ name: 'orders', bad: 0, total: 20 }]);
  expect([first.prometheus.canary, first.prometheus.stable]).toEqual([first.pods.canary, first.pods.stable]);
  c.count(failed);
  c.count(failed);
  for (const pod of [a, c]) pod.serve(5, { badEvery: 5 });
  const second = await look();
  expect(second.prometheus.canary.counts).toEqual([{ name: 'orders', bad: 2, total: 25 }]);
  expect([second.prometheus.canary, second.prometheus.stable]).toEqual([second.pods.canary, second.pods.stable]);
}, 1_200_000);

test('a counter that another pod announces, and this one does not, is missing by both', async () => {
  const { look } = await scene({ announces }, {});
  const { pods, prometheus } = await look();
  for (const { problems, canary, stable } of [pods, prometheus]) {
    expect(problems).toMatchObject([{ objective: 'orders', reason: `there is no metric ${failed}` }]);
    expect(canary).not.toHaveProperty('counts');
    expect(stable.counts).toEqual([{ name: 'orders', bad: 0, total: 20 }]);
  }
}, 1_200_000);

test('a counter that Prometheus is told to drop is missing, however often it is announced', async () => {
  const { c, look } = await scene({ announces }, { announces, job: 'dropping', drops: failed });
  for (let index = 0; index < 3; index += 1) c.count(failed);
  const { pods, prometheus } = await look();
  expect(pods.canary.counts).toEqual([{ name: 'orders', bad: 3, total: 20 }]);
  expect(prometheus.canary).not.toHaveProperty('counts');
  expect(prometheus.problems).toMatchObject([{ objective: 'orders', reason: `there is no metric ${failed}` }]);
}, 1_200_000);

test('a counter that Prometheus is told to rename is missing by its old name, however often it is announced', async () => {
  const { c, look, server } = await scene({ announces }, { announces, job: 'renaming', renames: failed });
  for (let index = 0; index < 3; index += 1) c.count(failed);
  const { pods, prometheus } = await look();
  expect(pods.canary.counts).toEqual([{ name: 'orders', bad: 3, total: 20 }]);
  expect(await server.values(`shop_${failed}{pod="canary-a"}`)).toEqual([3]);
  expect(prometheus.canary).not.toHaveProperty('counts');
  expect(prometheus.stable.counts).toEqual([{ name: 'orders', bad: 0, total: 20 }]);
  expect(prometheus.problems).toMatchObject([{ objective: 'orders', reason: `there is no metric ${failed}` }]);
}, 1_200_000);
