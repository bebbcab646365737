import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { metricDefinitions } from '../src/metrics/definitions.ts';
import { apiTables } from './api-tables.ts';
import { generatedDocuments } from './generated-documents.ts';
import { withGenerated } from './generated-part.ts';
import { metricTables } from './metric-tables.ts';

function read(file: string): Promise<string> {
  return readFile(new URL(`../${file}`, import.meta.url), 'utf8');
}

test.each(generatedDocuments)('$file is as the source says; else run `npm run generate -w @sluice/kube`', async ({ file, renew }) => {
  const document = await read(file);
  expect(await renew(document)).toBe(document);
});

test('docs/metrics.md names every metric with type, labels and meaning', async () => {
  const document = await read('docs/metrics.md');
  for (const { name, type, labels, help } of metricDefinitions) {
    expect(document).toContain(`| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`);
  }
});

test('the alerts in docs/metrics.md use metrics that exist', async () => {
  const document = await read('docs/metrics.md');
  const names = metricDefinitions.map(({ name }) => name);
  const asked = Array.from(document.slice(document.indexOf('## Worth an alert')).matchAll(/\b[a-z]+(?:_[a-z]+){2,}\b|workqueue_depth/g), ([name]) => name);
  expect(asked.length).toBeGreaterThan(3);
  expect(asked.filter((name) => !names.includes(name))).toEqual([]);
});

test('what fits no group is refused, as is a document without the generated part', () => {
  expect(() => metricTables([{ name: 'other_total', help: 'Other.', type: 'counter', labels: [] }])).toThrow("the metric 'other_total' fits none of the groups");
  expect(() => apiTables([{ file: 'elsewhere/x.ts', kind: 'class', name: 'X', comment: 'It.' }])).toThrow("'elsewhere/x.ts' fits none of the groups");
  expect(() => withGenerated('# Metrics\n', 'src/x.ts', '')).toThrow('the document has no part between');
});

test('a table has the first sentence of each comment, links as code', () => {
  const table = apiTables([{ file: 'queue/work-queue.ts', kind: 'class', name: 'WorkQueue', comment: 'A queue, see {@link get}. It waits.' }]);
  expect(table).toContain('\n## Work queue\n\n| Export | | What it is |\n|---|---|---|\n| `WorkQueue` | class | A queue, see `get`. |\n');
});
