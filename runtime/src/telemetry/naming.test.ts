import { readFileSync } from 'node:fs';
import { runtimeCounters } from '@sluice/crds';
import { collectDefaultMetrics } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createGenAiMetrics } from './gen-ai-metrics.ts';
import { createJobMetrics } from './job-metrics.ts';
import { liveFiles } from '../config/live/watch-files.ts';
import { createPrecision } from '../precision/precision.ts';
import { createMetrics } from './metrics.ts';
import { createPrecisionMetrics } from './precision-metrics.ts';
import { createReloadMetrics } from './reload-metrics.ts';
import { createStoreMetrics } from './store-metrics.ts';

function registryOfAll() {
  const { registry } = createMetrics({ agent: 'a', revision: 'r', tools: ['t'], rules: ['r'], price: { inputDollarsPerMillionTokens: 1, outputDollarsPerMillionTokens: 1 } });
  collectDefaultMetrics({ register: registry });
  createJobMetrics(registry);
  createStoreMetrics(registry, { health: () => 'ok', pool: () => ({ inUse: 0, idle: 0, maximum: 1, waiting: 0 }), fill: () => 0, shed: () => 0 });
  createGenAiMetrics(registry);
  return registry;
}

const units = /_(seconds|bytes|dollars|tokens|ratio|info|usage)$/;

describe('names of metrics', () => {
  it('have a prefix, base units, and _total for counters alone', async () => {
    const all = await registryOfAll().getMetricsAsJSON();
    expect(all.length).toBeGreaterThan(40);
    for (const { name, type, help } of all) {
      expect(name).toMatch(/^(sluice|gen_ai|lrs|process|nodejs)_[a-z0-9_]+$/);
      expect(help.length).toBeGreaterThan(0);
      // Those of the client library are not ours to name.
      if (/^(process|nodejs)_/.test(name)) continue;
      // The library's type is a numeric enum, and a word at run time.
      const kind = String(type);
      expect([name, name.endsWith('_total')]).toEqual([name, kind === 'counter']);
      if (kind === 'histogram') expect(name).toMatch(units);
      expect(name).not.toMatch(/milliseconds|_ms\b|millis|kilobytes/);
    }
  });

  it('in the rules of the examples are there', async () => {
    const rules = readFileSync(new URL('../../../examples/telemetry/prometheus-rules.yaml', import.meta.url), 'utf8');
    const text = await registryOfAll().metrics();
    const used = [...rules.matchAll(/rate\((\w+)(\{outcome(?:=|=~)"([\w|]+)"\})?\[/g)].map(([, name = '', , outcomes]) => ({ name, outcomes: outcomes?.split('|') ?? [] }));
    expect(used).toHaveLength(4);
    for (const { name, outcomes } of used) {
      if (outcomes.length === 0) expect(text).toMatch(new RegExp(`^${name} `, 'm'));
      for (const outcome of outcomes) expect(text).toContain(`${name}{outcome="${outcome}"}`);
    }
  });

  it('of counters, with their labels and values, are in the table that lint knows them by', async () => {
    const registry = registryOfAll();
    createReloadMetrics(registry, liveFiles);
    createPrecisionMetrics(registry, createPrecision({ spec: { thresholdPercent: 40 }, tools: ['t'] }), ['t']);
    const all = await registry.getMetricsAsJSON();
    const names = all.flatMap(({ name, type }) => (String(type) === 'counter' ? [name] : String(type) === 'histogram' ? [`${name}_bucket`, `${name}_count`] : []));
    // Dollars are no count of events; those of the client library and of OpenTelemetry's conventions are not ours to name.
    const ours = names.filter((name) => /^(sluice|lrs)_/.test(name) && name !== 'sluice_model_cost_dollars_total');
    const madeByTracing = 'sluice_telemetry_export_problems_total';
    expect(Object.keys(runtimeCounters).filter((name) => name !== madeByTracing).toSorted()).toEqual(ours.toSorted());

    const page = await registry.metrics();
    for (const [name, labels] of Object.entries(runtimeCounters)) {
      const series = [...page.matchAll(new RegExp(`^${name}\\{(.*)\\} `, 'gm'))].map(([, text = '']) => new Map([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', value = '']) => [label, value] as const)));
      for (const [label, values] of Object.entries(labels)) {
        const seen = new Set(series.flatMap((each) => each.get(label) ?? []));
        if (values !== 'Any') expect([name, label, [...seen].toSorted()]).toEqual([name, label, values.toSorted()]);
      }
      expect([name, [...new Set(series.flatMap((each) => [...each.keys()]))].filter((label) => labels[label] === undefined)]).toEqual([name, []]);
    }
  });
});
