import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('dependencies-match.mjs', import.meta.url));
const LOCK = {
  '': { name: 'sluice' },
  'node_modules/zod': { version: '4.0.0' },
  'node_modules/@sluice/crds': { resolved: 'crds', link: true },
  'node_modules/fsevents': { version: '2.0.0', optional: true },
  crds: { name: '@sluice/crds' },
};
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-install-'));
  await mkdir(join(folder, 'node_modules/node/bin'), { recursive: true });
  await writeFile(join(folder, 'node_modules/node/bin/node'), '');
  await write('package-lock.json', LOCK);
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function write(path: string, packages: object): Promise<void> {
  await writeFile(join(folder, path), JSON.stringify({ packages }));
}

async function matches(): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM], { cwd: folder, timeout: 20_000 }, (error) => resolve(error === null));
  });
}

test('what the lock asks for is there, but for what this platform has no use for', async () => {
  await write('node_modules/.package-lock.json', { 'node_modules/zod': { version: '4.0.0' } });
  expect(await matches()).toBe(true);
});

test.each([
  ['nothing is installed', {}],
  ['another version is installed', { 'node_modules/zod': { version: '4.0.1' } }],
  ['another version of an optional package is installed', { 'node_modules/zod': { version: '4.0.0' }, 'node_modules/fsevents': { version: '1.0.0' } }],
])('%s: not a match', async (_title, packages) => {
  await write('node_modules/.package-lock.json', packages);
  expect(await matches()).toBe(false);
});

test('an interrupted install is no match', async () => {
  expect(await matches()).toBe(false);
});

test('without the Node that the repository pins there is no match', async () => {
  await write('node_modules/.package-lock.json', { 'node_modules/zod': { version: '4.0.0' } });
  await rm(join(folder, 'node_modules/node'), { recursive: true });
  expect(await matches()).toBe(false);
});
