import { readFile, writeFile } from 'node:fs/promises';
import { BenchError } from '../kube/bench-error.ts';
import type { StoryResult } from './result.ts';

/** What earlier pieces of a run found; nothing where there is no such file. Throws BenchError. */
export async function readResults(path: string): Promise<readonly StoryResult[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '[]';
    throw error;
  });
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value as readonly StoryResult[];
  } catch (error) {
    throw new BenchError(`--results names ${path}, which is no JSON: name a file that this command wrote, or none that is there`, { cause: error });
  }
  throw new BenchError(`--results names ${path}, which holds no list: name a file that this command wrote, or none that is there`);
}

export async function writeResults(path: string, results: readonly StoryResult[]): Promise<void> {
  await writeFile(path, `${JSON.stringify(results, undefined, 1)}\n`);
}
