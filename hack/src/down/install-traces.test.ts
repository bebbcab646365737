import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeInstallTraces } from './install-traces.ts';

let clone: string;

beforeEach(async () => {
  clone = await mkdtemp(join(tmpdir(), 'sluice-clone-'));
});

afterEach(async () => {
  await rm(clone, { recursive: true, force: true });
});

test('a state folder with nothing but the traces of the installation goes', async () => {
  await mkdir(join(clone, '.cluster'));
  await writeFile(join(clone, '.cluster', 'npm-ci.log'), '');
  await removeInstallTraces(join(clone, '.cluster'));
  expect(await readdir(clone)).toEqual([]);
  await removeInstallTraces(join(clone, '.cluster'));
});

test('another cluster in it stays', async () => {
  await mkdir(join(clone, '.cluster', 'other'), { recursive: true });
  await writeFile(join(clone, '.cluster', 'npm-ci.log'), '');
  await removeInstallTraces(join(clone, '.cluster'));
  expect(await readdir(join(clone, '.cluster'))).toEqual(['other']);
});
