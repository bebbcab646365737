import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refuseForeignFolder, whoseFolder } from './state-folder.ts';

const RECORD = '{"kind":"kind","name":"a","phase":"made"}';
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-state-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test.each([
  ['nothing in it', {}, 'empty'],
  ['only the draft of a killed run', { 'cluster.json.new': '{"ki' }, 'empty'],
  ['a cluster record', { 'cluster.json': RECORD, etcd: '' }, 'ours'],
  ['files of somebody', { 'thesis.tex': '' }, 'foreign'],
  ['a kubeconfig and no record', { kubeconfig: 'apiVersion: v1' }, 'foreign'],
])('a folder with %s', async (_title, files, expected) => {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  expect(await whoseFolder(folder)).toBe(expected);
});

test('a folder that is not there, and a file in its place', async () => {
  await writeFile(join(folder, 'file'), '');
  expect(await whoseFolder(join(folder, 'absent'))).toBe('absent');
  expect(await whoseFolder(join(folder, 'file'))).toBe('foreign');
  await expect(refuseForeignFolder(join(folder, 'absent'))).resolves.toBeUndefined();
});

test('a cluster.json of something else is not taken for ours', async () => {
  await mkdir(join(folder, 'x'));
  await writeFile(join(folder, 'x', 'cluster.json'), '{"clusters":[]}');
  await expect(whoseFolder(join(folder, 'x'))).rejects.toThrow('is not a cluster record');
});

test('the refusal names the folder and the way out', async () => {
  await writeFile(join(folder, 'mine'), '');
  await expect(refuseForeignFolder(folder)).rejects.toThrow(`${folder} holds something else than a cluster of Sluice`);
});
