import type { MetricsSink } from '../metrics/kube-metrics.ts';

/** Keeps metrics in memory: counters and gauges by `name{label=value,...}`, histograms as their number of observations. */
export class RecordingSink implements MetricsSink {
  readonly values = new Map<string, number>();

  increment(name: string, labels: Readonly<Record<string, string>>, by: number): void {
    this.values.set(series(name, labels), this.get(name, labels) + by);
  }

  set(name: string, labels: Readonly<Record<string, string>>, value: number): void {
    this.values.set(series(name, labels), value);
  }

  observe(name: string, labels: Readonly<Record<string, string>>, _value: number): void {
    this.increment(name, labels, 1);
  }

  get(name: string, labels: Readonly<Record<string, string>>): number {
    return this.values.get(series(name, labels)) ?? 0;
  }
}

function series(name: string, labels: Readonly<Record<string, string>>): string {
  return `${name}{${Object.entries(labels).map(([label, value]) => `${label}=${value}`).join(',')}}`;
}
