import { posix } from 'node:path';
import { expect, test } from 'vitest';
import * as kube from '@sluice/kube';
import * as testing from '@sluice/kube/testing';
import { declarationsIn, publicDeclarations } from '../../kube/build/public-declarations.ts';
import { documents, readDocument } from './examples.ts';
import { sourceFiles } from './source-files.ts';

test('every exported function and class has a doc comment', async () => {
  const declared = [...await publicDeclarations('index.ts'), ...await publicDeclarations('testing/index.ts')];
  const bare = declared.filter(({ comment, kind }) => comment === '' && kind !== 'const');
  expect(bare.map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
});

test('the scan misses none of them', async () => {
  for (const [index, exported] of [['index.ts', kube], ['testing/index.ts', testing]] as const) {
    const scanned = (await publicDeclarations(index)).map(({ name }) => name).toSorted();
    expect(scanned).toEqual(Object.keys(exported).toSorted());
  }
});

test('a comment must stand right before the declaration, and is read in one line', () => {
  const text = ['/** Does it. */', 'export function a(): void {}', '', '/** Far away. */', '', 'export class B {}', '// Not a doc comment.', 'export async function c() {}', 'function d() {}',
    '/**', ' * One', ' * and two.', ' */', 'export const e = 1;'].join('\n');
  expect(declarationsIn('x.ts', text).map(({ name, comment }) => `${name}: ${comment}`)).toEqual(['a: Does it.', 'B: ', 'c: ', 'e: One and two.']);
});

test('every predicate of KubeError is in docs/errors.md', async () => {
  const document = await readDocument('docs/errors.md');
  const predicates = (await publicDeclarations('index.ts')).filter(({ file, kind }) => file === 'kube-error.ts' && kind === 'function').map(({ name }) => name);
  expect(predicates.length).toBeGreaterThan(8);
  expect(predicates.filter((name) => !new RegExp(`^\\| .*\`${name}\`.* \\|`, 'm').test(document))).toEqual([]);
});

test('every reason and every error class of the package is in docs/errors.md', async () => {
  const document = await readDocument('docs/errors.md');
  const sources = (await sourceFiles()).filter(({ role }) => role === 'source');
  const reasons = sources.flatMap(({ text }) => Array.from(text.matchAll(/\breason: '([A-Z]\w+)'/g), ([, reason = '']) => reason));
  const classes = (await publicDeclarations('index.ts')).filter(({ kind, name }) => kind === 'class' && name.endsWith('Error')).map(({ name }) => name);
  expect(classes.length).toBeGreaterThan(3);
  expect([...new Set([...reasons, ...classes])].filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
});

test('every tool for tests is in docs/testing.md', async () => {
  const document = await readDocument('docs/testing.md');
  expect(Object.keys(testing).filter((name) => !new RegExp(`^\\|.*\`${name}\\b.*\\|.*\\|$`, 'm').test(document))).toEqual([]);
});

test('the README leads to every document', async () => {
  const readme = await readDocument('README.md');
  expect((await documents()).filter((document) => document !== 'README.md' && !readme.includes(`](${document})`))).toEqual([]);
});

test('every link between the documents leads to a file of the package', async () => {
  const known = new Set(await documents());
  const dead: string[] = [];
  for (const document of known) {
    const links = Array.from((await readDocument(document)).matchAll(/\]\((?!https?:)([^)#]+)/g), ([, link = '']) => link);
    dead.push(...links.filter((link) => !known.has(posix.join(posix.dirname(document), link))).map((link) => `${document}: ${link}`));
  }
  expect(dead).toEqual([]);
});
