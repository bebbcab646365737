import { durationMilliseconds, type EvalObstacle, type EvalSuiteSpec } from '@sluice/crds';
import type { Cost } from '../bill.ts';
import type { Clock } from './clock.ts';
import type { SampleResult } from './sample-result.ts';

/** Why no further case may be begun. */
export interface Exhausted {
  readonly field: 'dollars' | 'duration';
  readonly reason: EvalObstacle['reason'];
  /** Names the field and its value. */
  readonly message: string;
  readonly remedy: string;
}

export interface Budget {
  readonly spend: (result: SampleResult) => void;
  /** Undefined while a further case may be begun. Cases that have begun are brought to their end. */
  readonly exhausted: () => Exhausted | undefined;
}

/** What was spent before the first case of this attempt. */
export interface Spent {
  /** When this attempt began, by the clock of the run, such as with the trying of its judge; default now. */
  readonly began?: number | undefined;
  /** Milliseconds of the time of the run; default 0. */
  readonly spentMs?: number | undefined;
  /** What trying the judge has cost; default nothing. */
  readonly spentDollars?: Cost | undefined;
  /** What questions have cost that are to be asked again, because they have no answer; default nothing. */
  readonly unansweredDollars?: number | undefined;
}

/** What a run may use, judgements included. What earlier attempts spent is spent, and so is what their results cost. */
export function createBudget(limits: EvalSuiteSpec['budget'], clock: Clock, { began = clock.now(), spentMs = 0, spentDollars = 0, unansweredDollars = 0 }: Spent = {}): Budget {
  const start = began - spentMs;
  let dollars = unansweredDollars;
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
      if (limits?.dollars !== undefined && first !== undefined) return noPrice(first);
      if (limits?.dollars !== undefined && dollars >= limits.dollars) return usedUp('dollars', limits.dollars);
      if (limits?.duration !== undefined && clock.now() - start >= durationMilliseconds(limits.duration)) return usedUp('duration', limits.duration);
      return undefined;
    },
  };
}

function noPrice(of: 'the agent' | 'the judge'): Exhausted {
  return { field: 'dollars', reason: 'NoPrice', message: `budget.dollars cannot be held: ${of}'s model has no price`, remedy: 'name it in spec.prices of the ModelProvider, or remove spec.budget.dollars from the EvalSuite' };
}

function usedUp(field: Exhausted['field'], limit: number | string): Exhausted {
  return { field, reason: 'BudgetUsedUp', message: `budget.${field} (${limit}) is used up`, remedy: `raise spec.budget.${field} of the EvalSuite, or ask fewer questions` };
}
