import { parseArgs } from 'node:util';
import { TIER_NAMES, type TierName } from './tier.ts';

/** The command line is wrong; the message names the option and the choices. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
}

export type TestCommand = { readonly verb: 'help' } | { readonly verb: 'test'; readonly tiers: readonly TierName[] };

export const TEST_HELP = `usage: ./hack/test [options]

Runs every check of the repository, cheapest first, and ends with the line "N passed, N failed". Exit code 0 when nothing failed.

Tiers
  types          TypeScript, the whole repository
  lint           the type-aware linter, which also holds the dependency direction between the workspaces
  generated      CRD manifests, their copies and the reference, and the chart's RBAC are what their sources say
  unit           tests that need nothing but Node
  integration    tests against a real API server, started for them on free ports of 127.0.0.1 and stopped afterwards
  e2e            a cluster of its own ("sluice-test", apart from that of ./hack/up): images, chart, and the story under load with its
                 promises checked; removed afterwards, however it ends

Options
  --only TIER[,TIER]   run these only
  -h, --help           this text

Environment
  CI=true                  a tier that cannot run here, and a test that skips itself, counts as failed; elsewhere it is told as skipped
  SLUICE_TEST_KUBECONFIG   an API server for the integration tests, instead of starting one
  SLUICE_CACHE, SLUICE_NODE_IMAGE and the like: see ./hack/up --help

What it needs, installs and writes is what ./hack/up does; the e2e cluster is in .cluster/sluice-test while it runs, its log stays in
.cluster/sluice-test.log.
`;

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
