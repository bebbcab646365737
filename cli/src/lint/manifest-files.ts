import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The files that `-f` names: the file itself, or what a folder holds with a manifest's ending, subfolders apart, as in kubectl. Rejects as the file system does. */
export async function manifestFiles(path: string): Promise<readonly string[]> {
  if (path === '-' || !(await stat(path)).isDirectory()) return [path];
  const names = await readdir(path);
  return names.filter((name) => /\.(ya?ml|json)$/.test(name)).toSorted().map((name) => join(path, name));
}
