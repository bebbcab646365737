import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Archives kept of each image, the newest first: going back to a branch of yesterday stays quick, the disk does not fill up. */
const KEPT = 3;

/** Removes the older entries of one image from the cache; never the one in use. */
export async function pruneArchives(folder: string, inUse: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== inUse).map((entry) => entry.name);
  const aged = await Promise.all(names.map(async (name) => ({ name, changedMs: (await stat(join(folder, name))).mtimeMs })));
  const old = aged.toSorted((left, right) => right.changedMs - left.changedMs).slice(KEPT - 1);
  await Promise.all(old.map(async ({ name }) => rm(join(folder, name), { recursive: true, force: true })));
}
