import { readFileSync } from 'node:fs';
import { collectDefaultMetrics } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createGenAiMetrics } from './gen-ai-metrics.ts';
import { createJobMetrics } from './job-metrics.ts';
import { createMetrics } from './metrics.ts';

function registryOfAll() {
  const { registry } = createMetrics({ agent: 'a', revision: 'r', tools: ['t'], price: { inputDollarsPerMillionTokens: 1, outputDollarsPerMillionTokens: 1 } });
  collectDefaultMetrics({ register: registry });
  createJobMetrics(registry);
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
});
