import { readFileSync } from 'node:fs';
import * as conventions from '@opentelemetry/semantic-conventions/incubating';
import { describe, expect, it } from 'vitest';
import { nameTables } from './name-tables.ts';
import { attributeNames, metricNames, prometheusName, spanNameOf, spanNames, type MetricKey } from './names.ts';

const official = new Set<unknown>(Object.values(conventions));

/** In the repository of the GenAI conventions, which is newer than the package. */
const newer = ['gen_ai.execute_tool.duration', 'gen_ai.invoke_agent.duration', 'gen_ai.agent.version'];

describe('the table of names', () => {
  it('is that of the docs', () => {
    const docs = readFileSync(new URL('../../../../docs/telemetry.md', import.meta.url), 'utf8');
    expect(docs).toContain(nameTables());
  });

  it('has the names of the conventions where it says so', () => {
    const said = [...Object.entries(attributeNames).flatMap(([name, { of }]) => (of === 'convention' ? [name] : [])), ...Object.keys(metricNames)];
    expect(said.filter((name) => !official.has(name) && !newer.includes(name))).toEqual([]);
    expect(Object.entries(attributeNames).filter(([name, { of }]) => of === 'own' && !name.startsWith('sluice.'))).toEqual([]);
  });

  it('has no attribute of what was said', () => {
    expect(Object.keys(attributeNames).filter((name) => /message|prompt|instruction|definition|argument|result|document|query/.test(name))).toEqual([]);
  });

  it('names spans by attributes that it has', () => {
    const used = Object.values(spanNames).flatMap(({ name }) => [...name.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? ''));
    expect(used.filter((name) => !Object.hasOwn(attributeNames, name))).toEqual([]);
    expect(spanNameOf('tool', { 'gen_ai.tool.name': 'ticket_read' })).toBe('execute_tool ticket_read');
    expect(spanNameOf('tool', {})).toBe('execute_tool _OTHER');
  });

  it('has names of Prometheus with their units, and edges that rise', () => {
    for (const key of Object.keys(metricNames) as MetricKey[]) {
      expect(prometheusName(key)).toMatch(/^[a-z][a-z_]*$/);
      expect(prometheusName(key).endsWith('_seconds')).toBe(metricNames[key].unit === 's');
      expect([...metricNames[key].buckets].toSorted((left, right) => left - right)).toEqual(metricNames[key].buckets);
    }
  });
});
