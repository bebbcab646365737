import { KubeMetrics } from '@sluice/kube';
import { beforeEach, expect, it } from 'vitest';
import { makeMetrics, type OperatorMetrics } from './metrics-registry.ts';

let metrics: OperatorMetrics;
let kube: KubeMetrics;

beforeEach(() => {
  metrics = makeMetrics();
  kube = new KubeMetrics(metrics.sink);
});

async function linesOf(name: string): Promise<string[]> {
  return (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith(name));
}

it('a bound counter holds what was counted, at every reading, also by others and through another binding', async () => {
  const labels = { controller: 'agentdeployment', result: 'success' };
  kube.bind('controller_runtime_reconcile_total', labels).increment(2);
  metrics.sink.increment('controller_runtime_reconcile_total', labels, 1);
  const line = 'controller_runtime_reconcile_total{controller="agentdeployment",result="success"}';
  expect(await linesOf('controller_runtime_reconcile_total')).toEqual([`${line} 3`]);
  expect(await linesOf('controller_runtime_reconcile_total')).toEqual([`${line} 3`]);
  kube.bind('controller_runtime_reconcile_total', { ...labels }).increment(1);
  expect(await linesOf('controller_runtime_reconcile_total')).toEqual([`${line} 4`]);
});

it('a series that was only begun is there, and one that was only bound is not', async () => {
  kube.bind('controller_runtime_reconcile_total', { controller: 'evalrun', result: 'error' }).increment(0);
  kube.bind('controller_runtime_reconcile_total', { controller: 'evalrun', result: 'success' });
  expect(await linesOf('controller_runtime_reconcile_total')).toEqual(['controller_runtime_reconcile_total{controller="evalrun",result="error"} 0']);
});

it('a bound gauge shows its last value', async () => {
  const series = kube.bind('kube_informer_objects', { resource: 'pods' });
  series.set(7);
  series.set(5);
  expect(await linesOf('kube_informer_objects')).toEqual(['kube_informer_objects{resource="pods"} 5']);
  expect(await linesOf('kube_informer_objects')).toEqual(['kube_informer_objects{resource="pods"} 5']);
});

it('a bound histogram counts each observation', async () => {
  const series = kube.bind('controller_runtime_reconcile_time_seconds', { controller: 'evalrun' });
  series.observe(0.2);
  series.observe(3);
  expect(await linesOf('controller_runtime_reconcile_time_seconds_count')).toEqual(['controller_runtime_reconcile_time_seconds_count{controller="evalrun"} 2']);
  expect(await linesOf('controller_runtime_reconcile_time_seconds_sum')).toEqual(['controller_runtime_reconcile_time_seconds_sum{controller="evalrun"} 3.2']);
});

it('a name that nobody defined is left out', async () => {
  kube.bind('no_such_metric', {}).increment(1);
  expect(await linesOf('no_such_metric')).toEqual([]);
});
