import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { metricDefinitions } from '../src/metrics/definitions.ts';
import { withMetricTables } from './metric-tables.ts';

const document = await readFile(new URL('../docs/metrics.md', import.meta.url), 'utf8');

test('docs/metrics.md names every metric with type, labels and meaning; else run `npm run generate -w @sluice/kube`', () => {
  expect(document).toBe(withMetricTables(document, metricDefinitions));
  for (const { name, type, help } of metricDefinitions) expect(document).toMatch(new RegExp(`\\| \`${name}\` \\| ${type} \\| [^|]*\\| ${help.replaceAll(/[.*+?^()[\]{}|\\$]/g, String.raw`\$&`)} \\|`));
});

test('the alerts in docs/metrics.md use metrics that exist', () => {
  const names = metricDefinitions.map(({ name }) => name);
  const asked = Array.from(document.slice(document.indexOf('## Worth an alert')).matchAll(/\b[a-z]+(?:_[a-z]+){2,}\b|workqueue_depth/g), ([name]) => name);
  expect(asked.length).toBeGreaterThan(3);
  expect(asked.filter((name) => !names.includes(name))).toEqual([]);
});

test('a metric of an unknown group is refused, as is a document without the generated part', () => {
  const metric = { name: 'other_total', help: 'Other.', type: 'counter', labels: [] } as const;
  expect(() => withMetricTables(document, [metric])).toThrow("the metric 'other_total' fits none of the groups");
  expect(() => withMetricTables('# Metrics\n', [])).toThrow('the document has no part between');
});
