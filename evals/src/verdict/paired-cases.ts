import type { CaseOutcome } from '../runner/case-outcome.ts';
import { caseKey } from '../runner/sample-key.ts';

/** The difference of one case, canary - baseline, from -1 to 1; undefined where one of the two has no score. */
export interface PairedCase {
  readonly name: string;
  readonly weight: number;
  readonly difference: number | undefined;
}

/**
 * Pairs the cases of two runs by name and digest: a case that was changed in between is another case. Cases that only the baseline has
 * are no part of the suite any more.
 */
export function pairCases(canary: readonly CaseOutcome[], baseline: readonly CaseOutcome[]): readonly PairedCase[] {
  const known = new Map(baseline.map((outcome) => [caseKey(outcome), outcome]));
  return canary.map(({ name, digest, weight, score }) => {
    const before = known.get(caseKey({ name, digest }))?.score;
    return { name, weight, difference: score === undefined || before === undefined ? undefined : score - before };
  });
}
