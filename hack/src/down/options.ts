import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_NAME } from '../up/options.ts';
import { UpError } from '../up/up-error.ts';

export interface DownOptions {
  readonly name: string;
  /** Absolute. */
  readonly stateRoot: string;
}

export type DownCommand = { readonly verb: 'help' } | { readonly verb: 'down'; readonly options: DownOptions };

export const DOWN_HELP = `usage: ./hack/down [options]

Removes what ./hack/up made, and nothing else: the kind cluster or the local node with its state folder, network and mounts; in an
existing context (./hack/up --context) only our Helm release, the namespaces sluice-system and sluice-demo, and the CRDs that were
not there before. Nothing to remove is no error. Built tools and images stay in the cache; Debian packages stay installed.

Options
  --name NAME       name that ./hack/up was given (default: ${DEFAULT_NAME})
  --state FOLDER    where clusters keep their state (default: .cluster; relative to the clone)
  -h, --help        this text
`;

const FLAGS = {
  name: { type: 'string', default: DEFAULT_NAME },
  state: { type: 'string', default: '.cluster' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Throws UpError that names the option. */
export function parseDownOptions(args: readonly string[], clone: string): DownCommand {
  try {
    const { values } = parseArgs({ args: [...args], options: FLAGS, allowPositionals: false });
    return values.help ? { verb: 'help' } : { verb: 'down', options: { name: values.name, stateRoot: resolve(clone, values.state) } };
  } catch (error) {
    throw new UpError(`${error instanceof Error ? error.message : String(error)}. ./hack/down --help lists the options`, { cause: error });
  }
}
