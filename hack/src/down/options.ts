import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { clusterName, DEFAULT_NAME } from '../up/options.ts';
import { UpError } from '../up/up-error.ts';

export interface DownOptions {
  readonly name: string;
  /** Absolute. */
  readonly stateRoot: string;
}

export type DownCommand = { readonly verb: 'help' } | { readonly verb: 'down'; readonly options: DownOptions };

/** In a file of its own: the shell prints it before anything is installed. */
export const DOWN_HELP = readFileSync(new URL('help.txt', import.meta.url), 'utf8');

const FLAGS = {
  name: { type: 'string', default: DEFAULT_NAME },
  state: { type: 'string', default: '.cluster' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Throws UpError that names the option. */
export function parseDownOptions(args: readonly string[], clone: string): DownCommand {
  try {
    const { values } = parseArgs({ args: [...args], options: FLAGS, allowPositionals: false });
    return values.help ? { verb: 'help' } : { verb: 'down', options: { name: clusterName(values.name), stateRoot: resolve(clone, values.state) } };
  } catch (error) {
    if (error instanceof UpError) throw error;
    throw new UpError(`${error instanceof Error ? error.message : String(error)}. ./hack/down --help lists the options`, { cause: error });
  }
}
