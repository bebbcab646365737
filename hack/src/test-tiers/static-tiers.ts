import { join } from 'node:path';
import { runChild } from './child.ts';
import { NOTHING, nothingHinders, type Tier, type TierContext, type TierResult } from './tier.ts';

interface Check {
  readonly name: string;
  /** Relative to the repository. */
  readonly program: string;
  readonly args: readonly string[];
}

const NODE = 'node_modules/node/bin/node';
const TYPES: readonly Check[] = [{ name: 'tsc', program: 'node_modules/.bin/tsc', args: ['--noEmit', '-p', 'tsconfig.json'] }];
const LINT: readonly Check[] = [{ name: 'oxlint', program: 'node_modules/.bin/oxlint', args: ['--type-aware', '--deny-warnings'] }];
const GENERATED: readonly Check[] = [
  { name: 'CRD manifests and reference (npm run generate)', program: NODE, args: ['crds/src/generate/main.ts', '--check'] },
  { name: "the chart's RBAC (node operator/src/rbac/generate.ts)", program: NODE, args: ['operator/src/rbac/generate.ts', '--check'] },
];

export const typesTier: Tier = { name: 'types', title: 'types', hindrance: nothingHinders, run: async (context) => runChecks(TYPES, context) };
export const lintTier: Tier = { name: 'lint', title: 'lint and dependency direction', hindrance: nothingHinders, run: async (context) => runChecks(LINT, context) };
export const generatedTier: Tier = { name: 'generated', title: 'generated files', hindrance: nothingHinders, run: async (context) => runChecks(GENERATED, context) };

async function runChecks(checks: readonly Check[], context: TierContext): Promise<TierResult> {
  const failed: string[] = [];
  for (const { name, program, args } of checks) {
    const code = await runChild(join(context.repository, program), args, context);
    if (code !== 0) failed.push(`${name} ended with code ${code}`);
  }
  return { ...NOTHING, passed: checks.length - failed.length, failed: failed.length, remarks: failed };
}
