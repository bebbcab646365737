import { Histogram, type Registry } from 'prom-client';
import { metricNames, prometheusName, type MetricKey } from './tracing/names.ts';

export type MetricAttributes = Readonly<Record<string, string | undefined>>;

/** Takes one value of a metric of {@link metricNames}. */
export type RecordMetric = (metric: MetricKey, value: number, attributes: MetricAttributes) => void;

function known(attributes: MetricAttributes): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

interface Family {
  readonly histogram: Histogram;
  /** Names of attributes and of their labels. */
  readonly labels: ReadonlyMap<string, string>;
}

function labelsOf({ labels }: Family, attributes: MetricAttributes): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name in attributes) {
    const text = attributes[name];
    // One that the family does not have is refused by it.
    if (text !== undefined) found[labels.get(name) ?? underscored(name)] = text;
  }
  return found;
}

function underscored(name: string): string {
  return name.replaceAll('.', '_');
}

/** The metrics of the GenAI conventions at /metrics, and by `further` wherever else they go. */
export function createGenAiMetrics(registry: Registry, further?: RecordMetric): RecordMetric {
  const histograms = new Map<MetricKey, Family>();
  for (const key of Object.keys(metricNames) as MetricKey[]) {
    const { what, buckets, attributes } = metricNames[key];
    const labels = new Map(attributes.map((name) => [name, underscored(name)]));
    histograms.set(key, { labels, histogram: new Histogram({ name: prometheusName(key), help: what, buckets: [...buckets], labelNames: [...labels.values()], registers: [registry] }) });
  }
  return (metric, value, attributes) => {
    const family = histograms.get(metric);
    family?.histogram.observe(labelsOf(family, attributes), value);
    further?.(metric, value, known(attributes));
  };
}
