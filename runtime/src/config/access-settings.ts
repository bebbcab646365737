import { readFileSync } from 'node:fs';
import { accessFile, type AccessFile } from '../server/access/access-file.ts';
import { ConfigError } from './config-error.ts';
import type { Environment } from './environment.ts';
import { schemaProblems } from './schema-problems.ts';

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigError([{ field: 'SLUICE_ACCESS_FILE', value: path, problem: 'names a file that cannot be read', fix: 'Check that the Secret or ConfigMap exists, has that key and is mounted there' }], { cause });
  }
}

function parse(path: string, text: string): AccessFile {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new ConfigError([{ field: 'SLUICE_ACCESS_FILE', value: path, problem: 'names a file that is no JSON', fix: 'Write {"keys": []} or what is to be in it' }], { cause });
  }
  const parsed = accessFile.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new ConfigError(schemaProblems(parsed.error, content).map((problem) => ({ ...problem, field: `SLUICE_ACCESS_FILE: ${problem.field}` })));
}

/** A reader of the file that SLUICE_ACCESS_FILE names, which says `same` until it changes; undefined: it names none. The reader throws ConfigError. */
export function openAccessFile(environment: Environment): (() => AccessFile | 'same') | undefined {
  const path = environment['SLUICE_ACCESS_FILE']?.trim();
  if (path === undefined || path === '') return undefined;
  let seen: string | undefined;
  return () => {
    const text = readText(path);
    if (text === seen) return 'same';
    const file = parse(path, text);
    seen = text;
    return file;
  };
}
