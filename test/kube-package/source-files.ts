import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../kube/src/', import.meta.url));

/** A file of kube/src; `path` is relative to it, with slashes. */
export interface SourceFile {
  readonly path: string;
  readonly role: 'source' | 'test' | 'testing';
  readonly text: string;
}

/** All TypeScript files of kube/src; `testing` are those that only tests use. */
export async function sourceFiles(): Promise<SourceFile[]> {
  const paths = (await Array.fromAsync(glob('**/*.ts', { cwd: folder }))).map((path) => path.replaceAll('\\', '/')).toSorted();
  return Promise.all(paths.map(async (path) => ({ path, role: roleOf(path), text: await readFile(`${folder}${path}`, 'utf8') })));
}

function roleOf(path: string): SourceFile['role'] {
  if (path.endsWith('.test.ts')) return 'test';
  return path.split('/').includes('testing') ? 'testing' : 'source';
}
