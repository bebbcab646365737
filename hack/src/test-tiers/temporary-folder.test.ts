import { access, mkdtemp, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import config from '../../../vitest.config.ts';
import { FOLDER_START, setup } from './temporary-folder.ts';

test('what tests leave behind goes with the run', async () => {
  const before = tmpdir();
  onTestFinished(() => {
    process.env['TMPDIR'] = before;
  });
  const clear = await setup();
  const folder = tmpdir();
  expect(folder.startsWith(join(before, FOLDER_START))).toBe(true);
  expect((await stat(folder)).mode & 0o7777).toBe(0o1777);
  await writeFile(join(await mkdtemp(join(folder, 'left-')), 'behind'), '');
  await clear();
  await expect(access(folder)).rejects.toThrow('ENOENT');
  // A run that is stopped twice clears twice.
  await clear();
});

test('this run has such a folder, and so has every project', () => {
  expect(tmpdir()).toContain(FOLDER_START);
  const projects = config.test?.projects ?? [];
  expect(projects.length).toBeGreaterThan(0);
  for (const project of projects) expect(project).toMatchObject({ test: { globalSetup: expect.arrayContaining(['hack/src/test-tiers/temporary-folder.ts']) } });
});
