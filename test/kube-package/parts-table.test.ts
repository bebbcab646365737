import { expect, test } from 'vitest';
import { readDocument } from './examples.ts';
import { codeIn, tableRows } from './markdown-table.ts';
import { sourceFiles } from './source-files.ts';

/** The options by which a part is given what stands in the columns of the table in docs/concepts.md. */
const COLUMNS = [/\bclock\?: Clock\b/, /\brandom\?: Random\b/, /\blogger\?: Logger\b|\blogger: OperatorLogger\b/, /\bmetrics\?: KubeMetrics\b/];

const sources = (await sourceFiles()).filter(({ role }) => role === 'source');
const everything = sources.map(({ text }) => text).join('\n');
const rows = tableRows((await readDocument('docs/concepts.md')).split('## Transport and client')[0] ?? '');

/** What a name can be given: of a function the options in its signature, of a class all that its file says. */
function givenTo(name: string): string {
  const [signature = ''] = new RegExp(`^export (?:async )?function ${name}\\b[^]*? \\{$`, 'm').exec(everything) ?? [];
  const text = signature === '' ? (sources.find((each) => new RegExp(`^export (?:abstract )?class ${name}\\b`, 'm').test(each.text))?.text ?? '') : withOptions(signature);
  return withOptions(text.replaceAll(/^import .*$/gm, ''), /\bOmit<(\w+Options)\b/g);
}

/** `text` with the declarations of the options it names. */
function withOptions(text: string, pattern = /\b(\w+Options)\b/g): string {
  const declared = Array.from(text.matchAll(pattern), ([, name]) => new RegExp(`^export (?:interface ${name}\\b[^]*?^\\}|type ${name} = .*)$`, 'm').exec(everything)?.[0] ?? '');
  return [text, ...declared].join('\n');
}

function takes(name: string): boolean[] {
  const text = givenTo(name);
  return COLUMNS.map((column) => column.test(text));
}

test('the table of docs/concepts.md says of each part what it takes', () => {
  expect(rows.length).toBeGreaterThan(10);
  const named = rows.flatMap(([parts = '', ...columns]) => codeIn(parts).map((name) => ({ name, columns: columns.map((cell) => !cell.startsWith('–')) })));
  expect(named).toEqual(named.map(({ name }) => ({ name, columns: takes(name) })));
  expect(named.filter(({ name }) => givenTo(name).trim() === '')).toEqual([]);
});

test('it leaves out no public part that takes any of them', () => {
  const index = sources.find(({ path }) => path === 'index.ts')?.text ?? '';
  const names = sources.filter(({ path }) => index.includes(`'./${path}'`))
    .flatMap(({ text }) => Array.from(text.matchAll(/^export (?:abstract |async )?(?:class|function) (\w+)/gm), ([, name = '']) => name));
  const inTable = new Set(rows.flatMap(([parts = '']) => codeIn(parts)));
  expect(names.filter((name) => new RegExp(`\\b${name}\\b`).test(index) && !inTable.has(name) && takes(name).includes(true))).toEqual([]);
});
