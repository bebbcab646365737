import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { licencesOf } from './licences.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-licences-'));
});

afterEach(async () => rm(folder, { recursive: true, force: true }));

async function packageOf(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const place = join(folder, 'node_modules', name);
  await mkdir(place, { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(place, file), text);
  return join(place, 'lib/index.js');
}

test('each package has its texts once, in the order of names', async () => {
  const paths = [await packageOf('b', { 'LICENSE.md': 'text of b', NOTICE: 'note of b' }), await packageOf('@a/a', { LICENCE: 'text of a' })];
  expect(await licencesOf([...paths, ...paths, join(folder, 'src/main.ts')])).toMatch(/^@a\/a\n\ntext of a\n-{72}\n\nb\n\ntext of b\nnote of b$/);
});

test('a package without a text is told by the licence that it names; one that names none is refused', async () => {
  const path = await packageOf('c', { 'package.json': '{"license":"MIT","author":{"name":"Ada"},"homepage":"https://c.example"}' });
  expect(await licencesOf([path])).toBe('c\n\nLicence: MIT\nAda\nhttps://c.example\n');
  await expect(licencesOf([await packageOf('d', { 'package.json': '{}' })])).rejects.toThrow('package d in');
});
