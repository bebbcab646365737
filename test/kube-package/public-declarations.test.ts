import { expect, test } from 'vitest';
import * as kube from '@sluice/kube';
import { declarationsIn, publicDeclarations } from './public-declarations.ts';

test('every exported function and class has a doc comment', async () => {
  const bare = (await publicDeclarations()).filter(({ comment }) => comment === 'bare');
  expect(bare.map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
});

test('the scan misses none of them', async () => {
  const scanned = (await publicDeclarations()).map(({ name }) => name).toSorted();
  const exported = Object.entries(kube).filter(([, value]) => typeof value === 'function').map(([name]) => name);
  expect(scanned).toEqual(exported.toSorted());
});

test('a comment must stand right before the declaration', () => {
  const text = ['/** Does it. */', 'export function a(): void {}', '', '/** Far away. */', '', 'export class B {}', '// Not a doc comment.', 'export async function c() {}', 'function d() {}'].join('\n');
  expect(declarationsIn('x.ts', text).map(({ name, comment }) => `${name} ${comment}`)).toEqual(['a documented', 'B bare', 'c bare']);
});
