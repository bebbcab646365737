import { expect, test } from 'vitest';
import { metricDefinitions } from '@sluice/kube';
import { readDocument } from './examples.ts';
import { codeIn, tableRows } from './markdown-table.ts';
import { sourceFiles } from './source-files.ts';

/** Numbers that bound nothing. */
const NO_BOUNDS = new Set(['NEWLINE']);

/** What grows with the cluster or its load, by the files that hold it. */
const GROWING = /^(?:informer|consistency|queue|events\/event-recorder)/;

interface Row {
  readonly what: string;
  readonly file: string;
  readonly snippets: readonly string[];
  readonly metrics: readonly string[];
  readonly seen: string;
}

const rows: readonly Row[] = tableRows(await readDocument('docs/limits.md')).map(([what = '', , , code = '', seen = '']) => {
  const [file = '', ...snippets] = codeIn(code);
  return { what, file, snippets, seen, metrics: codeIn(seen).filter((each) => /^\w+$/.test(each)) };
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

test('every bound names the metric in which reaching it shows, or says that it has none and where it shows', () => {
  const silent = rows.filter(({ metrics }) => metrics.length === 0);
  expect(silent.filter(({ seen }) => !/^no metric: \w/.test(seen)).map(({ what }) => what)).toEqual([]);
  expect(silent.filter(({ file }) => GROWING.test(file)).map(({ what }) => what)).toEqual(['A quiet series ends after']);
  expect(silent.length).toBeLessThan(rows.length / 3);
});

test('every metric that docs/limits.md names exists', () => {
  const names = new Set(metricDefinitions.map(({ name }) => name));
  expect(rows.flatMap(({ metrics }) => metrics).filter((name) => !names.has(name) && !name.startsWith('<'))).toEqual([]);
});
