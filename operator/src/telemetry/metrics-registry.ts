import { metricDefinitions } from '@sluice/kube';
import type { MetricDefinition, MetricsSink } from '@sluice/kube';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface OperatorMetrics {
  readonly registry: Registry;
  /** Where the controller runtime reports to. */
  readonly sink: MetricsSink;
}

/** One registry a process: Node's own metrics and the controller runtime's, under the names of client-go and controller-runtime. */
export function makeMetrics(): OperatorMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  for (const definition of metricDefinitions) {
    if (definition.type === 'counter') counters.set(definition.name, new Counter(options(definition, registry)));
    if (definition.type === 'gauge') gauges.set(definition.name, new Gauge(options(definition, registry)));
    if (definition.type === 'histogram') histograms.set(definition.name, new Histogram({ ...options(definition, registry), buckets: [...(definition.buckets ?? [])] }));
  }
  return {
    registry,
    sink: {
      increment: (name, labels, by) => counters.get(name)?.inc({ ...labels }, by),
      set: (name, labels, value) => gauges.get(name)?.set({ ...labels }, value),
      observe: (name, labels, value) => histograms.get(name)?.observe({ ...labels }, value),
    },
  };
}

function options({ name, help, labels }: MetricDefinition, registry: Registry) {
  return { name, help, labelNames: [...labels], registers: [registry] };
}
