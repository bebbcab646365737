import { Histogram, type Registry } from 'prom-client';
import { metricNames, prometheusName, type MetricKey } from './tracing/names.ts';

export type MetricAttributes = Readonly<Record<string, string | undefined>>;

/** Takes one value of a metric of {@link metricNames}. */
export type RecordMetric = (metric: MetricKey, value: number, attributes: MetricAttributes) => void;

function known(attributes: MetricAttributes): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

function underscored(name: string): string {
  return name.replaceAll('.', '_');
}

/** The metrics of the GenAI conventions at /metrics, and by `further` wherever else they go. */
export function createGenAiMetrics(registry: Registry, further?: RecordMetric): RecordMetric {
  const histograms = new Map<MetricKey, Histogram>();
  for (const key of Object.keys(metricNames) as MetricKey[]) {
    const { what, buckets, attributes } = metricNames[key];
    histograms.set(key, new Histogram({ name: prometheusName(key), help: what, buckets: [...buckets], labelNames: attributes.map(underscored), registers: [registry] }));
  }
  return (metric, value, attributes) => {
    const labels = known(attributes);
    histograms.get(metric)?.observe(Object.fromEntries(Object.entries(labels).map(([name, text]) => [underscored(name), text])), value);
    further?.(metric, value, labels);
  };
}
