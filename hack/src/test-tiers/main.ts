import { fileURLToPath } from 'node:url';
import { systemClock } from '../progress/clock.ts';
import { INTERRUPTED, stopOnSignals } from '../up/stop-signal.ts';
import { e2eTier } from './e2e-tier.ts';
import { OptionsError, parseTestOptions, TEST_HELP, type TestCommand } from './options.ts';
import { runTiers } from './run-tiers.ts';
import { generatedTier, lintTier, typesTier } from './static-tiers.ts';
import { summaryLines, totalLine } from './summary.ts';
import type { Tier, TierContext, TierName } from './tier.ts';
import { integrationTier, unitTier } from './vitest-tiers.ts';

const USAGE_EXIT_CODE = 2;
const CLONE = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const TIERS: readonly Tier[] = [typesTier, lintTier, generatedTier, unitTier, integrationTier, e2eTier];

async function test(names: readonly TierName[]): Promise<number> {
  const signal = stopOnSignals();
  const context: TierContext = { repository: CLONE, signal, clock: systemClock, env: {}, terminal: process.stderr };
  const rule = process.env['CI'] === 'true' ? 'skips fail' : 'skips are told';
  try {
    const outcomes = await runTiers(TIERS.filter((tier) => names.includes(tier.name)), rule, context);
    console.log(`\n${summaryLines(outcomes).join('\n')}\n`);
    console.log(totalLine(outcomes));
    return outcomes.every((outcome) => outcome.result.failed === 0) ? 0 : 1;
  } catch (error) {
    if (!signal.aborted) throw error;
    console.error('\n./hack/test was stopped; nothing of it runs on.');
    return INTERRUPTED;
  }
}

function parse(args: readonly string[]): TestCommand | undefined {
  try {
    return parseTestOptions(args);
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    console.error(error.message);
    return undefined;
  }
}

async function main(args: readonly string[]): Promise<number> {
  const command = parse(args);
  if (command === undefined) return USAGE_EXIT_CODE;
  if (command.verb === 'test') return test(command.tiers);
  console.log(TEST_HELP);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
