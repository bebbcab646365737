import { glob, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { defectRows } from './defect-rows.ts';
import { readDocument } from './examples.ts';
import { codeIn, tableRows } from './markdown-table.ts';
import { namedTest } from './named-test.ts';

interface Row {
  readonly id: string;
  readonly tests: readonly { readonly file: string; readonly title: string }[];
}

const repository = new URL('../../', import.meta.url);
const rows: readonly Row[] = tableRows(await readDocument('docs/defects.md')).map((cells) => {
  const code = codeIn(cells.at(-1) ?? '');
  const tests = code.flatMap((file, at) => (at % 2 === 0 ? [{ file, title: code[at + 1] ?? '' }] : []));
  return { id: cells[0] ?? '', tests };
});

test('every row of the research is in docs/defects.md, once, and no other', () => {
  const wanted = Object.entries(defectRows).flatMap(([section, names]) => names.map((name) => `${section}/${name}`));
  expect(wanted.length).toBeGreaterThan(100);
  expect(rows.map(({ id }) => id).toSorted()).toEqual(wanted.toSorted());
});

test('every row names at least one test', () => {
  expect(rows.filter(({ tests }) => tests.length === 0).map(({ id }) => id)).toEqual([]);
});

test('every test that a row names exists and runs', async () => {
  const wrong: string[] = [];
  for (const { id, tests } of rows) {
    for (const { file, title } of tests) {
      const text = await readFile(new URL(file, repository), 'utf8').catch(() => '');
      const found = namedTest(text, title);
      if (found !== 'runs') wrong.push(`${id}: ${found}: ${file}: ${title}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('tests whose titles name a row name one that there is', async () => {
  const known = new Set(rows.map(({ id }) => id));
  const unknown: string[] = [];
  for await (const file of glob('{kube/src,kube/build,test}/**/*.test.ts', { cwd: repository, exclude: ['**/node_modules/**'] })) {
    const titles = (await readFile(new URL(file, repository), 'utf8')).matchAll(/^\s*(?:test|it|describe)\b.*?['"`]row ([ABD][\w./-]*)/gm);
    for (const [, id = ''] of titles) if (!known.has(id)) unknown.push(`${file}: ${id}`);
  }
  expect(unknown).toEqual([]);
});
