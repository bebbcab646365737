import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { pruneArchives } from './archive-cache.ts';

test('the newest two and the one in use stay, whatever its age; locks and drafts are not touched', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-prune-'));
  onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  for (const [index, name] of ['used', 'oldest', 'old', 'new', 'newest', '.building-x'].entries()) {
    await mkdir(join(folder, name));
    await utimes(join(folder, name), 1000 + index, 1000 + index);
  }
  await writeFile(join(folder, 'used.lock'), '');
  await pruneArchives(folder, 'used');
  expect((await readdir(folder)).toSorted()).toEqual(['.building-x', 'new', 'newest', 'used', 'used.lock']);
});
