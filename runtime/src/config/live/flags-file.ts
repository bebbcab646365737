import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from '../config-error.ts';
import { logLevels, type Environment } from '../environment.ts';
import { schemaProblems } from '../schema-problems.ts';
import { flagNames } from './flag-table.ts';

const field = 'SLUICE_FLAGS_FILE';
const flags = z.partialRecord(z.enum(flagNames as [string, ...string[]]), z.boolean());

const tenant = z.strictObject({
  flags: flags.default({}),
  requestsPerMinute: z.int().min(1).optional().describe('In the place of what the access file says.'),
});

/** The last layer of the configuration: what is turned while the agent runs, without a release. */
export const flagsFile = z.strictObject({
  flags: flags.default({}).describe('For everybody.'),
  tenants: z.record(z.string().min(1).max(256), tenant).default({}).describe('For one tenant; stronger than for everybody.'),
  logLevel: z.enum(logLevels).optional(),
});

export type FlagsFile = z.infer<typeof flagsFile>;

export const noFlags: FlagsFile = { flags: {}, tenants: {} };

/** Bytes: a file that is longer is no file of flags. */
const longestFile = 1_048_576;

function readText(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length <= longestFile) return text;
  } catch (cause) {
    throw new ConfigError([{ field, value: path, problem: 'names a file that cannot be read', fix: 'Check that the ConfigMap exists, has that key and is mounted there' }], { cause });
  }
  throw new ConfigError([{ field, value: path, problem: `names a file of more than ${longestFile} bytes`, fix: 'Keep the flags alone in it' }]);
}

function parse(path: string, text: string): FlagsFile {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new ConfigError([{ field, value: path, problem: 'names a file that is no JSON', fix: 'Write {"flags": {}} or what is to be in it' }], { cause });
  }
  const parsed = flagsFile.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new ConfigError(schemaProblems(parsed.error, content).map((problem) => ({ ...problem, field: `${field}: ${problem.field}` })));
}

/** A reader of the file that SLUICE_FLAGS_FILE names, which says `same` until it changes; undefined: nothing is switched. The reader throws ConfigError. */
export function openFlagsFile(environment: Environment): (() => FlagsFile | 'same') | undefined {
  const path = environment[field]?.trim();
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
