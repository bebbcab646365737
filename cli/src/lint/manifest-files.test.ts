import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { manifestFiles } from './manifest-files.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-lint-'));
  for (const name of ['b.yaml', 'a.yml', 'c.json', 'README.md']) await writeFile(join(folder, name), '');
  await mkdir(join(folder, 'deeper'));
  await writeFile(join(folder, 'deeper', 'd.yaml'), '');
});

afterEach(() => rm(folder, { recursive: true }));

it('a folder stands for its manifests and those of its subfolders, in order', async () => {
  expect(await manifestFiles(folder)).toEqual(['a.yml', 'b.yaml', 'c.json', join('deeper', 'd.yaml')].map((name) => join(folder, name)));
});

it('passes over what holds no manifests of the user', async () => {
  for (const name of ['.git', 'node_modules', 'chart/templates']) {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, 'e.yaml'), '');
  }
  await writeFile(join(folder, 'chart', 'Chart.yaml'), '');
  await writeFile(join(folder, 'chart', 'values.yaml'), '');
  const found = (await manifestFiles(folder)).map((path) => path.slice(folder.length + 1));
  expect(found).toEqual(['a.yml', 'b.yaml', 'c.json', join('chart', 'Chart.yaml'), join('chart', 'values.yaml'), join('deeper', 'd.yaml')]);
});

it('a file stands for itself, whatever its ending, and - for standard input', async () => {
  expect(await manifestFiles(join(folder, 'README.md'))).toEqual([join(folder, 'README.md')]);
  expect(await manifestFiles('-')).toEqual(['-']);
});

it('a path that is not there rejects', async () => {
  await expect(manifestFiles(join(folder, 'none'))).rejects.toThrow('ENOENT');
});
