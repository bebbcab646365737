import { applySkipRule, type SkipRule, type TierOutcome } from './summary.ts';
import { NOTHING, type Tier, type TierContext, type TierResult } from './tier.ts';

/** Runs the tiers one after the other; a failure stops none of the others. An abort stops all: its reason is thrown. */
export async function runTiers(tiers: readonly Tier[], rule: SkipRule, context: TierContext): Promise<readonly TierOutcome[]> {
  const outcomes: TierOutcome[] = [];
  for (const tier of tiers) {
    context.terminal.write(`\n=== ${tier.title}\n`);
    const began = context.clock.monotonicMs();
    const result = applySkipRule(await runTier(tier, context), rule);
    const seconds = (context.clock.monotonicMs() - began) / 1000;
    context.terminal.write(`=== ${tier.title}: ${result.passed} passed, ${result.failed} failed, ${seconds.toFixed(1)} s\n`);
    outcomes.push({ title: tier.title, seconds, result });
  }
  return outcomes;
}

async function runTier(tier: Tier, context: TierContext): Promise<TierResult> {
  const hindrance = await tier.hindrance(context);
  if (hindrance !== undefined) {
    context.terminal.write(`\n!!! SKIPPED: ${tier.title} does not run here: ${hindrance}. What it proves is not proven by this run.\n`);
    return { ...NOTHING, skipped: 1, remarks: [`skipped: ${hindrance}`] };
  }
  try {
    return await tier.run(context);
  } catch (error) {
    context.signal.throwIfAborted();
    return { ...NOTHING, failed: 1, remarks: [error instanceof Error ? error.message : String(error)] };
  }
}
