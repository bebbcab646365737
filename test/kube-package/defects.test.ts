import { glob, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { defectRows } from './defect-rows.ts';
import { readDocument } from './examples.ts';
import { codeIn, tableRows } from './markdown-table.ts';
import { namedTest, rowTitles } from './named-test.ts';

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

test('every test whose title names a row is named by a row of that section', async () => {
  const named = new Set(rows.flatMap(({ id, tests }) => tests.map(({ file, title }) => `${id.split('/')[0]} ${file} ${title}`)));
  const lost: string[] = [];
  for await (const path of glob('{kube/src,test}/**/*.test.ts', { cwd: repository, exclude: ['**/node_modules/**'] })) {
    const file = path.replaceAll('\\', '/');
    for (const { section, title } of rowTitles(await readFile(new URL(file, repository), 'utf8'))) if (!named.has(`${section} ${file} ${title}`)) lost.push(`${file}: ${title}`);
  }
  expect(lost).toEqual([]);
});
