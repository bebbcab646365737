import { readFileSync } from 'node:fs';
import { ConfigError } from './config-error.ts';

export interface JsonFileOptions {
  /** The environment variable that names the file. */
  readonly field: string;
  /** What the file should be, for the error: "the agent bundle". */
  readonly what: string;
}

function describe(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown error';
  return code === 'ENOENT' ? 'names a file that does not exist' : `names a file that cannot be read: ${code}`;
}

/** Parses a JSON file. Throws ConfigError naming the variable and the file. */
export function readJsonFile(path: string, options: JsonFileOptions): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigError([{ field: options.field, value: path, problem: describe(cause), fix: `Mount ${options.what} there, or set ${options.field} to its path` }], { cause });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    // The parser's message quotes the file's content, which belongs to its owner alone.
    throw new ConfigError([{ field: options.field, value: path, problem: 'names a file that is not JSON', fix: `Write ${options.what} as one JSON object` }], { cause });
  }
}
