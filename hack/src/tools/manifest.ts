import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isErrno } from '../process/identity.ts';

/** What a finished cache entry holds; any difference means a broken entry. */
export interface Manifest {
  readonly files: readonly ManifestFile[];
}

/** A regular file with its bytes, or a symbolic link with its target. */
export type ManifestFile =
  | { readonly path: string; readonly size: number; readonly sha256: string; readonly executable: boolean }
  | { readonly path: string; readonly link: string };

export const MANIFEST_NAME = 'manifest.json';

/** Records every file below the folder. Written last, so that its absence marks an unfinished entry. */
export async function writeManifest(folder: string): Promise<void> {
  const manifest: Manifest = { files: await describeFolder(folder) };
  await writeFile(join(folder, MANIFEST_NAME), `${JSON.stringify(manifest, undefined, 1)}\n`);
}

/** What is wrong with the entry, in a sentence; undefined when every file is as recorded. */
export async function findDamage(folder: string): Promise<string | undefined> {
  const manifest = await readManifest(folder);
  if (manifest === undefined) return `${MANIFEST_NAME} is missing or unreadable`;
  const actual = new Map((await describeFolder(folder)).map((file) => [file.path, JSON.stringify(file)]));
  for (const expected of manifest.files) {
    const found = actual.get(expected.path);
    if (found === undefined) return `${expected.path} is missing`;
    if (found !== JSON.stringify(expected)) return `${expected.path} is not what was built`;
  }
  return undefined;
}

async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, MANIFEST_NAME), 'utf8'));
    const whole = typeof value === 'object' && value !== null && 'files' in value && Array.isArray(value.files) && value.files.length > 0;
    return whole ? (value as Manifest) : undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function describeFolder(folder: string): Promise<ManifestFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => !entry.isDirectory()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  const wanted = paths.filter((path) => path !== MANIFEST_NAME).toSorted();
  const files: ManifestFile[] = [];
  for (const path of wanted) files.push(await describeFile(folder, path));
  return files;
}

async function describeFile(folder: string, path: string): Promise<ManifestFile> {
  const full = join(folder, path);
  const stats = await lstat(full);
  if (stats.isSymbolicLink()) return { path, link: await readlink(full) };
  return { path, size: stats.size, sha256: await hashFile(full), executable: (stats.mode & 0o100) !== 0 };
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
