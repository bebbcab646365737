import { metricDefinitions } from '@sluice/kube';
import type { MetricDefinition, MetricsSink } from '@sluice/kube';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { BoundSeries } from './bound-series.ts';

export interface OperatorMetrics {
  readonly registry: Registry;
  /** Where the controller runtime reports to. */
  readonly sink: MetricsSink;
}

/** Of the delay of the event loop, milliseconds: prom-client's 10 wake an idle operator a hundred times a second. */
const eventLoopMonitoringPrecision = 100;

/** One registry a process: Node's own metrics and the controller runtime's, under the names of client-go and controller-runtime. */
export function makeMetrics(): OperatorMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision });
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  const target = {
    increment: (name, labels, by) => counters.get(name)?.inc({ ...labels }, by),
    set: (name, labels, value) => gauges.get(name)?.set({ ...labels }, value),
    observe: (name, labels, value) => histograms.get(name)?.observe({ ...labels }, value),
  } satisfies Omit<MetricsSink, 'bind'>;
  const bound = new BoundSeries(target);
  for (const definition of metricDefinitions) {
    const options = { ...common(definition, registry), collect: () => bound.flush(definition.name) };
    if (definition.type === 'counter') counters.set(definition.name, new Counter(options));
    if (definition.type === 'gauge') gauges.set(definition.name, new Gauge(options));
    if (definition.type === 'histogram') histograms.set(definition.name, new Histogram({ ...common(definition, registry), buckets: [...(definition.buckets ?? [])] }));
  }
  return { registry, sink: { ...target, bind: (name, labels) => bound.bind(name, labels) } };
}

function common({ name, help, labels }: MetricDefinition, registry: Registry) {
  return { name, help, labelNames: [...labels], registers: [registry] };
}
