import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePorts } from '../../hack/src/cluster/free-ports.ts';
import { firstAuthority } from '../../kube/src/testing/certificates.ts';
import type { Evidence } from '../../operator/src/evidence/index.ts';
import { BothSources } from './both-sources.ts';
import { PlayedPod } from './played-pod.ts';
import { startPrometheus, type PrometheusServer } from './prometheus-server.ts';

const signal = new AbortController().signal;
let folder: string;
let server: PrometheusServer;
let sources: BothSources;
let pods: PlayedPod[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-sources-'));
  await writeFile(join(folder, 'ca.crt'), firstAuthority);
  const since = Date.now();
  const ports = await freePorts(4);
  // The stable pods ran before the window, the canary's are new in it.
  pods = ['stable-a', 'stable-b', 'canary-a', 'canary-b'].map((name, index) => new PlayedPod({ name, port: ports[index] ?? 0, startedAt: index < 2 ? since - 3_600_000 : since + 1 }));
  server = await startPrometheus(pods.map(({ name, port }) => ({ pod: name, namespace: 'shop', port })), signal);
  sources = new BothSources(server, { since, caFile: join(folder, 'ca.crt') });
}, 1_200_000);

afterEach(async () => {
  await sources.close();
  for (const pod of pods) pod.stop();
  await server.stop();
  await rm(folder, { recursive: true });
});

/** What is judged, without what only PromQL was asked for. */
function judged({ stable, canary, missedScrapes, past }: Evidence): unknown {
  const withoutQuery = (sample: Evidence['stable']) => ({ ...sample, counts: sample.counts?.filter(({ name }) => name !== 'asked') });
  // How long the pods had run differs by the moments between the two looks.
  return { stable: withoutQuery(stable), canary: withoutQuery(canary), missedScrapes, past: { ...(past === undefined ? {} : withoutQuery(past)), podMilliseconds: 0 } };
}

const countOf = (sample: Evidence['stable'], objective: string) => sample.counts?.find(({ name }) => name === objective);

test('both sources give the same sample on the same traffic: restarts, a lost pod, a new one, missing scrapes', async () => {
  const [a, b, c, d] = pods as [PlayedPod, PlayedPod, PlayedPod, PlayedPod];
  for (const pod of [a, b, c]) await pod.start();
  a.serve(400, { badEvery: 50 });
  b.serve(100, { badEvery: 10 });
  c.serve(6, { badEvery: 3 });
  const first = await sources.look({ stable: [a, b], canary: [c] }, { signal });
  expect(judged(first.prometheus)).toEqual(judged(first.pods));
  expect(first.pods.past).toMatchObject({ requests: 600, pods: 2 });
  expect([first.pods.stable.requests, first.pods.canary.requests]).toEqual([0, 7]);

  a.serve(40, { badEvery: 10 });
  c.serve(20, { badEvery: 4 });
  // A process of the stable revision ends with 30 requests that nobody had read, and begins anew.
  b.serve(30, { badEvery: 5 });
  b.restart();
  b.serve(15, { badEvery: 5 });
  const second = await sources.look({ stable: [a, b], canary: [c] }, { signal });
  expect(judged(second.prometheus)).toEqual(judged(second.pods));
  expect(second.pods.stable.requests).toBe(40 + 8 + 15 + 3);

  // The canary's first pod is missed, and its second one begins.
  await d.start();
  d.serve(10, { badEvery: 2 });
  c.serve(10, { badEvery: 5 });
  c.answerWith('failure');
  const third = await sources.look({ stable: [a, b], canary: [c, d] }, { signal, silent: [c] });
  expect(judged(third.prometheus)).toEqual(judged(third.pods));
  expect(third.prometheus.missedScrapes).toBe(1);
  expect(third.prometheus.problems).toEqual([{ reason: expect.stringContaining('Prometheus has no sluice_requests_total') as string }]);

  c.answerWith('page');
  const fourth = await sources.look({ stable: [a, b], canary: [c, d] }, { signal });
  expect(judged(fourth.prometheus)).toEqual(judged(fourth.pods));
  expect(fourth.pods.canary.requests).toBe(7 + 24 + 12 + 12);

  // One is lost with requests that nobody had read.
  a.serve(25, { badEvery: 5 });
  d.serve(9, { badEvery: 3 });
  d.stop();
  const last = await sources.look({ stable: [a, b], canary: [c] }, { signal });
  expect(judged(last.prometheus)).toEqual(judged(last.pods));
  expect(last.pods.canary.requests).toBe(fourth.pods.canary.requests);
  expect(last.prometheus).not.toHaveProperty('problems');

  // What PromQL counts is what the counter counts, but for the restart, which it sees by the value that fell.
  expect(countOf(last.prometheus.canary, 'asked')).toEqual({ ...countOf(last.pods.canary, 'tools'), name: 'asked' });
  expect(countOf(last.pods.canary, 'tools')?.bad).toBeGreaterThan(0);
  expect(last.pods.canary.costBuckets?.at(-1)).toEqual({ le: -1, count: last.pods.canary.requests });
  expect(last.pods.canary.costDollars).toBeGreaterThan(0);
}, 180_000);
