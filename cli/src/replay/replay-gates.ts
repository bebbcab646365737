import type { Release } from '@sluice/crds';
import { BlockLineError } from '@sluice/operator/src/gates/release-gate/block-line.ts';
import { policyIn, stateIn } from '@sluice/operator/src/gates/release-gate/gate-record.ts';
import { replay } from '@sluice/operator/src/gates/release-gate/replay.ts';
import { resultsOf } from '@sluice/operator/src/gates/release-gate/results-of.ts';
import { GatePolicyError } from '@sluice/operator/src/gates/sequential/gate-error.ts';
import type { Judgement } from '@sluice/operator/src/gates/sequential/judge.ts';
import { planOf } from '@sluice/operator/src/release/plan.ts';
import { isDeepStrictEqual } from 'node:util';

/** What judging a part of a release again came to. */
export type Replayed =
  | { readonly kind: 'Same'; readonly sentence: string }
  | { readonly kind: 'Differs'; readonly sentence: string; readonly differences: readonly string[] }
  /** The record holds nothing to be judged. */
  | { readonly kind: 'Nothing'; readonly sentence: string }
  /** It was changed by somebody else than the operator, or is of another version. */
  | { readonly kind: 'Damaged'; readonly sentence: string };

/** Feeds the log of a release's gates through the operator's judge and holds what comes out against what the record says. Pure. */
export function replayGates(release: Release): Replayed {
  const { gate } = release.status ?? {};
  if (gate === undefined || gate.log.length === 0) return { kind: 'Nothing', sentence: `no block of evidence was judged in it: ${(planOf(release)?.gates?.objectives ?? []).length === 0 ? 'its rollout has no objectives' : 'its record has no log of gates (status.gate.log)'}` };
  try {
    const judgements = replay(gate);
    const last = judgements.at(-1);
    if (last === undefined) return { kind: 'Nothing', sentence: 'no block of evidence was judged in it' };
    const differences = [...stateDifferences(last, gate.state), ...objectiveDifferences(release, last)];
    const sentence = `${judgements.length} ${judgements.length === 1 ? 'block' : 'blocks'} of evidence, last verdict ${last.verdict} (${last.reason}): ${last.sentence}`;
    return differences.length === 0 ? { kind: 'Same', sentence } : { kind: 'Differs', sentence, differences };
  } catch (error) {
    if (error instanceof GatePolicyError || error instanceof BlockLineError) return { kind: 'Damaged', sentence: `status.gate cannot be judged: ${error.message}` };
    throw error;
  }
}

/** Where the state after the last block is another one, which of its parts. */
function stateDifferences({ state }: Judgement, recorded: string): readonly string[] {
  const before = plain(stateIn(recorded));
  const now = plain(state);
  const parts = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((part) => part !== 'metrics' && !isDeepStrictEqual(before[part], now[part]));
  const metrics = changedMetrics(before['metrics'], now['metrics']);
  return [...parts.map((part) => `status.gate.state: ${part} is ${JSON.stringify(before[part])}, judged again ${JSON.stringify(now[part])}`), ...metrics.map((name) => `status.gate.state: the evidence of ${name} is another one`)];
}

function changedMetrics(before: unknown, now: unknown): readonly string[] {
  const [left, right] = [plain(before), plain(now)];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].filter((name) => !isDeepStrictEqual(left[name], right[name]));
}

/** As JSON keeps it: a number that is none is null there. */
function plain(value: unknown): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(value ?? {})) as Record<string, unknown>;
}

/** Terminated says that the release ended before the objective was decided, not what its numbers say. */
function objectiveDifferences(release: Release, last: Judgement): readonly string[] {
  const { gate, objectives: recorded = [] } = release.status ?? {};
  if (gate === undefined) return [];
  const again = resultsOf(last, { policy: policyIn(gate), measures: gate.measures, objectives: planOf(release)?.gates?.objectives ?? [] });
  return again.flatMap(({ name, verdict }) => {
    const before = recorded.find((result) => result.name === name)?.verdict;
    return before === undefined || before === 'Terminated' || before === verdict ? [] : [`status.objectives: ${name} is ${before}, judged again ${verdict}`];
  });
}
