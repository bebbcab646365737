import type { CommandLine } from './command-line.ts';
import { usageError } from './command-line.ts';
import type { Output } from './surroundings.ts';

/** Options of a command that scripts read. */
export const outputOptions = { output: { type: 'string', short: 'o' } } as const;

export const outputOptionsHelp = '  -o, --output json      for programs; default: text for people';

/** Throws CliError (usage) when the format is not known. */
export function outputFormatFrom(command: string, line: CommandLine): 'json' | 'text' {
  const format = line.text('output');
  if (format === undefined || format === 'json') return format ?? 'text';
  throw usageError(command, `--output "${format}" is not known: write json, or leave it out`);
}

export function writeJson(output: Output, value: unknown): void {
  output.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
