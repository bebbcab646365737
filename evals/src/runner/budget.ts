import { durationMilliseconds, type EvalSuiteSpec } from '@sluice/crds';
import type { Clock } from './clock.ts';
import type { SampleResult } from './sample-result.ts';

export interface Budget {
  readonly spend: (result: SampleResult) => void;
  /** Why no further case may be begun; undefined while one may. Cases that have begun are brought to their end. */
  readonly exhausted: () => string | undefined;
}

/** What a run may use. What earlier attempts spent is spent: `spentMs` of its time, and what their results cost. */
export function createBudget(limits: EvalSuiteSpec['budget'], clock: Clock, spentMs = 0): Budget {
  const began = clock.now() - spentMs;
  let dollars = 0;
  let isPriced = true;
  return {
    spend: ({ costDollars, verdict }) => {
      dollars += costDollars ?? 0;
      if (costDollars === undefined && verdict !== 'NoAnswer') isPriced = false;
    },
    exhausted: () => {
      // An unknown price must not count as none.
      if (limits?.dollars !== undefined && !isPriced) return "budget.dollars cannot be held: the agent's model has no price";
      if (limits?.dollars !== undefined && dollars >= limits.dollars) return `budget.dollars (${limits.dollars}) is used up`;
      if (limits?.duration !== undefined && clock.now() - began >= durationMilliseconds(limits.duration)) return `budget.duration (${limits.duration}) is used up`;
      return undefined;
    },
  };
}
