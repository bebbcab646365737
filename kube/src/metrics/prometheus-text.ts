import { type MetricDefinition, metricDefinitions } from './definitions.ts';
import type { MetricsSink } from './kube-metrics.ts';
import type { Labels, Series } from './series.ts';

interface Cell extends Series {
  lines(): string[];
}

interface Family {
  readonly definition: MetricDefinition;
  readonly cells: Map<string, Cell>;
}

/**
 * Keeps metrics in memory and renders them in Prometheus's text format 0.0.4, without a library. One text for each scrape:
 * call `KubeMetrics.collect()` and then {@link text}. Series stay for as long as the sink.
 */
export class PrometheusTextSink implements MetricsSink {
  /** The Content-Type to answer a scrape with. */
  static readonly contentType = 'text/plain; version=0.0.4; charset=utf-8';
  readonly #families: ReadonlyMap<string, Family>;

  /** `definitions`: add your own to {@link metricDefinitions}. Histograms need buckets in rising order. */
  constructor(definitions: readonly MetricDefinition[] = metricDefinitions) {
    this.#families = new Map(definitions.map((definition) => [definition.name, { definition, cells: new Map<string, Cell>() }]));
  }

  increment(name: string, labels: Labels, by: number): void {
    this.bind(name, labels).increment(by);
  }

  set(name: string, labels: Labels, value: number): void {
    this.bind(name, labels).set(value);
  }

  observe(name: string, labels: Labels, value: number): void {
    this.bind(name, labels).observe(value);
  }

  /** Throws RangeError for a metric that was not defined. */
  bind(name: string, labels: Labels): Series {
    const family = this.#families.get(name);
    if (family === undefined) throw new RangeError(`metric '${name}' is not defined; give its definition to the constructor`);
    const pairs = labelPairs(labels);
    const known = family.cells.get(pairs);
    if (known) return known;
    const cell = family.definition.type === 'histogram' ? histogramCell(family.definition, pairs) : valueCell(name, pairs);
    family.cells.set(pairs, cell);
    return cell;
  }

  /** All metrics that have a series. */
  text(): string {
    return [...this.#families.values()].filter(({ cells }) => cells.size > 0).flatMap(({ definition: { name, help, type }, cells }) => [
      `# HELP ${name} ${escaped(help)}\n`, `# TYPE ${name} ${type}\n`, ...[...cells.values()].flatMap((cell) => cell.lines()),
    ]).join('');
  }
}

function valueCell(name: string, pairs: string): Cell {
  let value = 0;
  return {
    increment: (by) => { value += by; },
    set: (next) => { value = next; },
    observe() {},
    lines: () => [line(name, pairs, value)],
  };
}

function histogramCell({ name, buckets = [] }: MetricDefinition, pairs: string): Cell {
  const counts = buckets.map(() => 0);
  let [sum, count] = [0, 0];
  return {
    increment() {},
    set() {},
    observe: (value) => {
      const at = buckets.findIndex((bound) => value <= bound);
      if (at !== -1) counts[at] = (counts[at] ?? 0) + 1;
      sum += value;
      count += 1;
    },
    lines: () => {
      let below = 0;
      const bounded = buckets.map((bound, at) => line(`${name}_bucket`, withBound(pairs, numeral(bound)), below += counts[at] ?? 0));
      return [...bounded, line(`${name}_bucket`, withBound(pairs, '+Inf'), count), line(`${name}_sum`, pairs, sum), line(`${name}_count`, pairs, count)];
    },
  };
}

function line(name: string, pairs: string, value: number): string {
  return `${name}${pairs === '' ? '' : `{${pairs}}`} ${numeral(value)}\n`;
}

function labelPairs(labels: Labels): string {
  return Object.entries(labels).toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([label, value]) => `${label}="${escaped(value).replaceAll('"', '\\"')}"`).join(',');
}

function withBound(pairs: string, bound: string): string {
  return `${pairs}${pairs === '' ? '' : ','}le="${bound}"`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function numeral(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
