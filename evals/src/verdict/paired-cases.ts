import type { CaseOutcome } from '../runner/case-outcome.ts';
import { caseKey } from '../runner/sample-key.ts';

/** The difference of one case, canary - baseline, from -1 to 1; undefined where it is not known, because some repeat of one of the two has no score. */
export interface PairedCase {
  readonly name: string;
  readonly weight: number;
  readonly difference: number | undefined;
  /** Where it is not known, the least and the most that it can be. Default -1 and 1. */
  readonly range?: readonly [least: number, most: number];
}

/**
 * Pairs the cases of two runs by name and digest: a case that was changed in between is another case. Cases that only the baseline has
 * are no part of the suite any more.
 */
export function pairCases(canary: readonly CaseOutcome[], baseline: readonly CaseOutcome[]): readonly PairedCase[] {
  const known = new Map(baseline.map((outcome) => [caseKey(outcome), outcome]));
  return canary.map((outcome) => ({ name: outcome.name, weight: outcome.weight, ...differenceOf(outcome, known.get(caseKey(outcome))) }));
}

/** A repeat without a score may be the very one that fails, as one that hangs: what the others come to is not the score of the case. */
function differenceOf(canary: CaseOutcome, baseline: CaseOutcome | undefined): Pick<PairedCase, 'difference' | 'range'> {
  const [ours, theirs] = [scoresOf(canary), baseline === undefined ? undefined : scoresOf(baseline)];
  if (ours === undefined || theirs === undefined) return { difference: undefined };
  const [least, most] = [ours.least - theirs.most, ours.most - theirs.least];
  return ours.least === ours.most && theirs.least === theirs.most ? { difference: least } : { difference: undefined, range: [least, most] };
}

function scoresOf({ score, unscored = 0 }: CaseOutcome): { readonly least: number; readonly most: number } | undefined {
  if (score === undefined) return undefined;
  const least = score * (1 - unscored);
  return { least, most: unscored === 0 ? least : Math.min(1, least + unscored) };
}
