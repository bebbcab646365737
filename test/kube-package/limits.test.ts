import { expect, test } from 'vitest';
import { metricDefinitions } from '@sluice/kube';
import { readDocument } from './examples.ts';
import { codeIn, tableRows } from './markdown-table.ts';
import { sourceFiles } from './source-files.ts';

/** Numbers that bound nothing. */
const NO_BOUNDS = new Set(['NEWLINE']);

interface Row {
  readonly file: string;
  readonly snippets: readonly string[];
  readonly metrics: readonly string[];
}

const rows: readonly Row[] = tableRows(await readDocument('docs/limits.md')).map(([, , , code = '', seen = '']) => {
  const [file = '', ...snippets] = codeIn(code);
  return { file, snippets, metrics: codeIn(seen).filter((each) => /^\w+$/.test(each)) };
});
const sources = (await sourceFiles()).filter(({ role }) => role === 'source');

test('every bound that docs/limits.md states is in the file it names', () => {
  expect(rows.length).toBeGreaterThan(30);
  const wrong = rows.flatMap(({ file, snippets }) => {
    const text = sources.find(({ path }) => path === file)?.text ?? '';
    return snippets.filter((snippet) => !text.includes(snippet)).map((snippet) => `${file}: ${snippet}`);
  });
  expect(wrong).toEqual([]);
  expect(rows.filter(({ snippets }) => snippets.length === 0)).toEqual([]);
});

test('every number that a file of kube/src names as a constant is in docs/limits.md', () => {
  const stated = new Set(rows.flatMap(({ file, snippets }) => snippets.map((snippet) => `${file} ${snippet.split(' ')[0]}`)));
  const missing = sources.flatMap(({ path, text }) => Array.from(text.matchAll(/^(?:export )?const ([A-Z][A-Z_0-9]*) = [\d_.]+(?: \*+ [\d_]+)*;/gm), ([, name = '']) => ({ path, name })))
    .filter(({ path, name }) => !NO_BOUNDS.has(name) && !stated.has(`${path} ${name}`));
  expect(missing).toEqual([]);
});

test('every metric that docs/limits.md names exists', () => {
  const names = new Set(metricDefinitions.map(({ name }) => name));
  expect(rows.flatMap(({ metrics }) => metrics).filter((name) => !names.has(name) && !name.startsWith('<'))).toEqual([]);
});
