import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const root = new URL('../../../', import.meta.url);
const tests = [
  'runtime/src/commands/eval-job.test.ts', 'operator/src/gates/eval-verdict.test.ts', 'operator/src/release/bad-measurements.test.ts', 'evals/src/suite/suite.test.ts', 'evals/src/graders/json.test.ts',
  'cli/src/lint/documents.test.ts',
  'operator/src/evaluation/eval-run.integration.test.ts',
];

test('every test that docs/gates.md names for a bad input is there', async () => {
  const docs = await readFile(new URL('docs/gates.md', root), 'utf8');
  const sources = (await Promise.all(tests.map((file) => readFile(new URL(file, root), 'utf8')))).join('\n');
  const [, section = ''] = docs.split('## Bad input, and the test that is named after it');
  const [table = ''] = section.split('\n## ');
  const rows = table.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| what |'));
  const names = rows.map((row) => [...(row.split('|').at(-2) ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
  expect(rows).toHaveLength(10);
  expect(names.filter((each) => each.length === 0)).toEqual([]);
  expect(names.flat().filter((name) => !sources.includes(`'${name}'`))).toEqual([]);
  for (const file of tests) expect(table).toContain(file);
});
