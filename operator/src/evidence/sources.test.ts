import { silentLogger } from '@sluice/kube';
import { FakeClock } from '@sluice/kube/testing';
import { afterEach, expect, test } from 'vitest';
import { EvidenceSources } from './sources.ts';

const signal = new AbortController().signal;
const since = 1_700_000_000_000;
/** Nothing listens there. */
const target = { uid: 'c', name: 'c', namespace: 'shop', ip: '127.0.0.1', port: 1, startedAt: since };
const request = { windowId: 'w', since, stable: [], canary: [target] };
let sources: EvidenceSources;

afterEach(() => sources.close());

test('Prometheus where there is none is missing, and it is said what to do', async () => {
  sources = new EvidenceSources({ clock: new FakeClock({ nowMs: since }), logger: silentLogger });
  const evidence = await sources.collect({ ...request, source: 'Prometheus' }, { signal });
  expect(evidence).toMatchObject({ missedScrapes: 1, canary: { requests: 0 }, problems: [{ reason: expect.stringContaining('set prometheus.url of its chart, or take the source Pods') as string }] });
  expect(evidence).not.toHaveProperty('lastScrapeAt');
});

test('what is not there is known before anything is read', () => {
  const options = { clock: new FakeClock({ nowMs: since }), logger: silentLogger };
  sources = new EvidenceSources(options);
  expect([sources.missing('Prometheus'), sources.missing('Pods'), sources.missing(undefined)]).toEqual([expect.stringContaining('set prometheus.url of its chart'), undefined, undefined]);
  sources = new EvidenceSources({ ...options, prometheus: { url: 'http://127.0.0.1:1', timeoutMs: 5_000 } });
  expect(sources.missing('Prometheus')).toBeUndefined();
});

test('each source is asked where the request says', async () => {
  sources = new EvidenceSources({ clock: new FakeClock({ nowMs: since }), logger: silentLogger, prometheus: { url: 'http://127.0.0.1:1', timeoutMs: 5_000 } });
  const byPrometheus = await sources.collect({ ...request, source: 'Prometheus' }, { signal });
  expect(sources.kept).toMatchObject({ windows: 1, pods: 1 });
  expect(byPrometheus.problems).toEqual([{ reason: 'Prometheus: it could not be reached: ECONNREFUSED' }]);
  const byPods = await sources.collect({ ...request, windowId: 'v', objectives: [{ name: 'orders', query: { bad: 'b', total: 't' } }] }, { signal });
  expect(byPods.problems).toEqual([
    { objective: 'orders', reason: 'a query needs rollout.gates.source Prometheus: the pods themselves answer none' },
    { reason: 'a pod could not be scraped: ECONNREFUSED' },
  ]);
});
