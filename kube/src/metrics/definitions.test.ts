import { describe, expect, it } from 'vitest';
import { metricDefinitions } from './definitions.ts';
import { KubeMetrics, type MetricsSink } from './kube-metrics.ts';

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
    metrics.requestDone({ method: 'GET', host: 'h', code: '200', seconds: 1 });
    metrics.requestRetried({ method: 'GET', host: 'h', code: '429' });
    metrics.queueDepth('q', 'change', 1);
    metrics.queueAdded('q');
    metrics.queueRetried('q');
    metrics.queueTaken('q', 1);
    metrics.queueDone('q', 1);
    metrics.queueUnfinished('q', 1, 1);
    metrics.controllerStarted('c', 1);
    metrics.reconciled('c', 'error', 1);
    metrics.reconcileTerminal('c');
    metrics.reconcileTimedOut('c');
    metrics.staleCache('c', 'waiting');
    metrics.leading('l', 'leader');
    metrics.informerObjects('r', 1);
    metrics.informerListed('r', 'success');
    metrics.informerWatchEnded('r', 'closed');
    metrics.informerEvent('r', 'ADDED');
    metrics.informerError('r');
    metrics.eventRecorded('sent');
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
