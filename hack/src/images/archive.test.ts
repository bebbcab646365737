import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readArchive } from './archive.ts';

let folder: string;
const signal = new AbortController().signal;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-archive-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function archiveOf(files: Record<string, unknown>): Promise<string> {
  for (const [name, value] of Object.entries(files)) await writeFile(join(folder, name), JSON.stringify(value));
  await promisify(execFile)('tar', ['-cf', 'image.tar', ...Object.keys(files)], { cwd: folder, timeout: 20_000 });
  return join(folder, 'image.tar');
}

test('the configuration and the size are read out of a docker-archive', async () => {
  const archive = await archiveOf({ 'manifest.json': [{ Config: 'abc.json', RepoTags: ['x:1'] }], 'abc.json': { architecture: 'amd64', config: { User: '1:1' } } });
  expect(await readArchive(archive, signal)).toEqual({ config: { User: '1:1' }, bytes: (await stat(archive)).size });
});

test.each([
  ['a manifest of another kind', { 'manifest.json': { schemaVersion: 2 } }, 'is no docker-archive'],
  ['an image without configuration', { 'manifest.json': [{ Config: 'abc.json' }], 'abc.json': {} }, 'has no image configuration'],
])('%s is refused with the file to delete', async (_title, files, problem) => {
  const archive = await archiveOf(files);
  await expect(readArchive(archive, signal)).rejects.toThrow(`${archive} ${problem}`);
});
