import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { TIER_NAMES, type TierName } from './tier.ts';

/** The command line is wrong; the message names the option and the choices. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
}

export type TestCommand = { readonly verb: 'help' } | { readonly verb: 'test'; readonly tiers: readonly TierName[] };

/** In a file of its own: the shell prints it before anything is installed. */
export const TEST_HELP = readFileSync(new URL('help.txt', import.meta.url), 'utf8');

/** Throws OptionsError. */
export function parseTestOptions(args: readonly string[]): TestCommand {
  const { help, only } = parseFlags(args);
  if (help) return { verb: 'help' };
  return { verb: 'test', tiers: only === undefined ? TIER_NAMES : chosenTiers(only) };
}

function parseFlags(args: readonly string[]): { readonly help: boolean; readonly only: string | undefined } {
  try {
    const { values } = parseArgs({ args: [...args], options: { help: { type: 'boolean', short: 'h' }, only: { type: 'string' } }, allowPositionals: false });
    return { help: values.help === true, only: values.only };
  } catch (error) {
    throw new OptionsError(`${error instanceof Error ? error.message : String(error)}. ./hack/test --help lists the options`, { cause: error });
  }
}

/** In the order of the tiers, whatever order they are named in. */
function chosenTiers(only: string): readonly TierName[] {
  const wanted = only.split(',').map((name) => name.trim());
  const known: readonly string[] = TIER_NAMES;
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new OptionsError(`--only "${only}": there is no tier "${unknown.join('", "')}"; the tiers are ${TIER_NAMES.join(', ')}`);
  return TIER_NAMES.filter((name) => wanted.includes(name));
}
