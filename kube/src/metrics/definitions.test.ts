import { describe, expect, it } from 'vitest';
import { ControllerMeters } from './controller-meters.ts';
import { metricDefinitions } from './definitions.ts';
import { InformerMeters } from './informer-meters.ts';
import { KubeMetrics, type MetricsSink } from './kube-metrics.ts';
import { QueueMeters } from './queue-meters.ts';
import type { Labels } from './series.ts';

/** Refuses, as prom-client does, any metric or label that was not declared. */
class StrictSink implements MetricsSink {
  readonly used = new Set<string>();

  increment(name: string, labels: Readonly<Record<string, string>>): void {
    this.#check('counter', name, labels);
  }

  set(name: string, labels: Readonly<Record<string, string>>): void {
    this.#check('gauge', name, labels);
  }

  observe(name: string, labels: Readonly<Record<string, string>>): void {
    this.#check('histogram', name, labels);
  }

  #check(type: string, name: string, labels: Readonly<Record<string, string>>): void {
    const definition = metricDefinitions.find((candidate) => candidate.name === name);
    expect([definition?.type, definition?.labels.toSorted()], name).toEqual([type, Object.keys(labels).toSorted()]);
    this.used.add(name);
  }
}

describe('metricDefinitions', () => {
  it('declare exactly what is reported, with its type and labels', () => {
    const sink = new StrictSink();
    const metrics = new KubeMetrics(sink);
    metrics.requestDone({ method: 'GET', host: 'h', code: '200', seconds: 1, requestBytes: 0 });
    metrics.responseRead({ method: 'GET', host: 'h', bytes: 1 });
    metrics.rateLimited({ method: 'GET', host: 'h', seconds: 1 });
    metrics.execPluginCalled(0, 'no_error');
    metrics.execPluginTtl(60);
    metrics.requestRetried({ method: 'GET', host: 'h', code: '429' });
    const bind = (name: string, labels: Labels) => metrics.bind(name, labels);
    const queue = new QueueMeters(bind, 'q');
    queue.start();
    queue.added();
    queue.retried();
    queue.taken(1);
    queue.done(1);
    const controller = new ControllerMeters(bind, 'c');
    controller.start(1);
    controller.reconciled('error', 1);
    controller.terminal();
    controller.panicked();
    controller.timedOut();
    controller.stale('waiting');
    controller.sourceFailed();
    metrics.electionSlowPath('l', 'taken');
    metrics.leading('l', 'leader');
    const informer = new InformerMeters(metrics, 'r');
    informer.objects(1);
    informer.listed('streaming', 'success');
    informer.watchEnded('closed');
    informer.events('ADDED', 1);
    informer.error();
    metrics.textPoolReset();
    metrics.partPoolReset();
    metrics.eventRecorded('sent');
    metrics.callsWaiting('h', 1);
    expect([...sink.used].toSorted()).toEqual(metricDefinitions.map((definition) => definition.name).toSorted());
  });

  it('give buckets to histograms only, in rising order', () => {
    for (const { name, type, buckets } of metricDefinitions) {
      expect(buckets !== undefined, name).toBe(type === 'histogram');
      expect(buckets ?? [], name).toEqual((buckets ?? []).toSorted((left, right) => left - right));
    }
  });

  it('run probes at collect until they are taken back', () => {
    const metrics = new KubeMetrics();
    let probes = 0;
    const end = metrics.onCollect(() => { probes += 1; });
    metrics.collect();
    end();
    metrics.collect();
    expect(probes).toBe(1);
  });
});
