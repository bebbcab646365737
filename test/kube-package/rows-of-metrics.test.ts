import { expect, test } from 'vitest';
import { Controller, KubeMetrics } from '@sluice/kube';
import { FakeClock, fakeRandom, RecordingSink } from '@sluice/kube/testing';

test('row D.1/outcomes-at-zero: every outcome of a reconcile is reported with 0 before the first one, so that a rate sees the first error', async () => {
  const sink = new RecordingSink();
  const controller = new Controller({
    name: 'quiet', sources: [], clock: new FakeClock(), random: fakeRandom(0.5), metrics: new KubeMetrics(sink), reconcile: () => Promise.resolve({}),
  });
  const stop = new AbortController();
  const running = controller.run({ signal: stop.signal });
  stop.abort();
  await running;
  for (const result of ['error', 'requeue', 'requeue_after', 'success']) {
    expect([result, sink.values.get(`controller_runtime_reconcile_total{controller=quiet,result=${result}}`)]).toEqual([result, 0]);
  }
  expect(sink.values.get('controller_runtime_reconcile_errors_total{controller=quiet}')).toBe(0);
});
