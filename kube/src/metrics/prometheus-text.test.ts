import { assert, constantFrom, dictionary, double, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MetricDefinition, metricDefinitions } from './definitions.ts';
import { KubeMetrics } from './kube-metrics.ts';
import { PrometheusTextSink } from './prometheus-text.ts';

const own: readonly MetricDefinition[] = [
  { name: 'done_total', help: 'Things "done",\nwith \\ in it.', type: 'counter', labels: ['what'] },
  { name: 'size', help: 'How big.', type: 'gauge', labels: [] },
  { name: 'time_seconds', help: 'How long.', type: 'histogram', labels: ['of'], buckets: [0.1, 1, 10] },
];

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the format by its grammar; throws for a line that does not fit it. */
function parsed(text: string): { samples: Sample[]; help: Map<string, string>; types: Map<string, string> } {
  const [samples, help, types]: [Sample[], Map<string, string>, Map<string, string>] = [[], new Map(), new Map()];
  expect(text === '' || text.endsWith('\n')).toBe(true);
  for (const line of text.split('\n').slice(0, -1)) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.*)$/.exec(line);
    if (comment?.[1] === 'HELP') help.set(comment[2] ?? '', unescaped(comment[3] ?? ''));
    else if (comment) types.set(comment[2] ?? '', comment[3] ?? '');
    else samples.push(sampleOf(line));
  }
  return { samples, help, types };
}

function sampleOf(line: string): Sample {
  const [, name, pairs = '', value = ''] = /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  const labels = Array.from(pairs.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g), ([, label = '', quoted = '']) => [label, unescaped(quoted)] as const);
  return { name, labels: Object.fromEntries(labels), value: Number(value.replace('Inf', 'Infinity')) };
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_whole, character: string) => (character === 'n' ? '\n' : character));
}

describe('PrometheusTextSink', () => {
  it('renders help, type, counters and gauges; nothing for what was never reported', () => {
    const sink = new PrometheusTextSink(own);
    expect(sink.text()).toBe('');
    sink.increment('done_total', { what: 'a' }, 2);
    sink.increment('done_total', { what: 'a' }, 1);
    sink.set('size', {}, 5);
    sink.set('size', {}, -0.5);
    expect(sink.text()).toBe('# HELP done_total Things "done",\\nwith \\\\ in it.\n# TYPE done_total counter\ndone_total{what="a"} 3\n# HELP size How big.\n# TYPE size gauge\nsize -0.5\n');
    expect(parsed(sink.text()).help.get('done_total')).toBe(own[0]!.help);
  });

  it('renders histograms with cumulated buckets, +Inf, sum and count', () => {
    const sink = new PrometheusTextSink(own);
    for (const value of [0.1, 0.5, 0.5, 10, 11]) sink.observe('time_seconds', { of: 'x' }, value);
    const { samples, types } = parsed(sink.text());
    expect(types.get('time_seconds')).toBe('histogram');
    expect(samples.map(({ name, labels, value }) => [name.slice('time_seconds'.length), labels['le'], labels['of'], value])).toEqual([
      ['_bucket', '0.1', 'x', 1], ['_bucket', '1', 'x', 3], ['_bucket', '10', 'x', 4], ['_bucket', '+Inf', 'x', 5], ['_sum', undefined, 'x', 22.1], ['_count', undefined, 'x', 5],
    ]);
  });

  it('keeps any label value and number through a parser', () => {
    assert(property(dictionary(constantFrom('a', 'b', 'c_d'), string({ unit: constantFrom('"', '\\', '\n', 'n', ' ', '{', '}', ',', '=', 'é') })), double(), (labels, value) => {
      const sink = new PrometheusTextSink(own);
      sink.set('size', labels, value);
      const { samples } = parsed(sink.text());
      expect(samples.map((sample) => ({ ...sample, value: sample.value + 0 }))).toEqual([{ name: 'size', labels: { ...labels }, value: value + 0 }]);
    }));
  });

  it('takes labels in any order as one series, and refuses what is not defined', () => {
    const sink = new PrometheusTextSink();
    sink.increment('kube_informer_events_total', { resource: 'pods', type: 'ADDED' }, 1);
    sink.increment('kube_informer_events_total', { type: 'ADDED', resource: 'pods' }, 1);
    expect(parsed(sink.text()).samples).toEqual([{ name: 'kube_informer_events_total', labels: { resource: 'pods', type: 'ADDED' }, value: 2 }]);
    expect(() => sink.set('none', {}, 1)).toThrow("metric 'none' is not defined");
  });

  it('renders every metric of the package', () => {
    const sink = new PrometheusTextSink();
    const metrics = new KubeMetrics(sink);
    for (const { name, type, labels } of metricDefinitions) {
      const series = metrics.bind(name, Object.fromEntries(labels.map((label) => [label, 'x'])));
      if (type === 'counter') series.increment(1);
      else if (type === 'gauge') series.set(1);
      else series.observe(1);
    }
    const { types } = parsed(sink.text());
    expect([...types]).toEqual(metricDefinitions.map(({ name, type }) => [name, type]));
    expect(PrometheusTextSink.contentType).toContain('version=0.0.4');
  });
});
