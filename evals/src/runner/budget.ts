import { durationMilliseconds, type EvalSuiteSpec } from '@sluice/crds';
import type { Cost } from '../bill.ts';
import type { Clock } from './clock.ts';
import type { SampleResult } from './sample-result.ts';

export interface Budget {
  readonly spend: (result: SampleResult) => void;
  /** Why no further case may be begun; undefined while one may. Cases that have begun are brought to their end. */
  readonly exhausted: () => string | undefined;
}

/** What was spent before the first case of this attempt. */
export interface Spent {
  /** Milliseconds of the time of the run; default 0. */
  readonly spentMs?: number | undefined;
  /** What trying the judge has cost; default nothing. */
  readonly spentDollars?: Cost | undefined;
}

/** What a run may use, judgements included. What earlier attempts spent is spent, and so is what their results cost. */
export function createBudget(limits: EvalSuiteSpec['budget'], clock: Clock, { spentMs = 0, spentDollars = 0 }: Spent = {}): Budget {
  const began = clock.now() - spentMs;
  let dollars = 0;
  const unpriced = new Set<'the agent' | 'the judge'>();
  const spend = (cost: Cost, on: 'the agent' | 'the judge'): void => {
    if (cost === 'Unknown') unpriced.add(on);
    else dollars += cost;
  };
  spend(spentDollars, 'the judge');
  return {
    spend: ({ costDollars, verdict, judgeDollars = 0 }) => {
      spend(costDollars ?? (verdict === 'NoAnswer' ? 0 : 'Unknown'), 'the agent');
      spend(judgeDollars, 'the judge');
    },
    exhausted: () => {
      const [first] = unpriced;
      // An unknown price must not count as none.
      if (limits?.dollars !== undefined && first !== undefined) return `budget.dollars cannot be held: ${first}'s model has no price`;
      if (limits?.dollars !== undefined && dollars >= limits.dollars) return `budget.dollars (${limits.dollars}) is used up`;
      if (limits?.duration !== undefined && clock.now() - began >= durationMilliseconds(limits.duration)) return `budget.duration (${limits.duration}) is used up`;
      return undefined;
    },
  };
}
