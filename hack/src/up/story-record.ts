import { readFile, writeFile } from 'node:fs/promises';
import { isErrno } from '../process/identity.ts';

/** That the story was told to its end in a cluster, by which version, and how it went. */
export interface StoryRecord {
  /** Digest of all that the story depends on. */
  readonly version: string;
  readonly summary: readonly string[];
}

/** Undefined where the story has not been told, or the file cannot be read: then it is told again. */
export async function readStoryRecord(path: string): Promise<StoryRecord | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    const whole = typeof value === 'object' && value !== null && 'version' in value && 'summary' in value && typeof value.version === 'string' && Array.isArray(value.summary);
    return whole ? (value as StoryRecord) : undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export async function writeStoryRecord(path: string, record: StoryRecord): Promise<void> {
  await writeFile(path, `${JSON.stringify(record, undefined, 2)}\n`);
}
