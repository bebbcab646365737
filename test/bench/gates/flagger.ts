import { type Rule, successRate } from './rule.ts';

export interface FlaggerAnalysis {
  /** Least request-success-rate, 0 to 1. */
  readonly threshold: number;
  /** Failed checks at which it rolls back. */
  readonly failedChecks: number;
  /** Passed checks, one weight step each, after which it promotes: maxWeight / stepWeight. */
  readonly steps: number;
}

/**
 * Flagger's canary analysis with the built-in request-success-rate, after its documentation (usage/how-it-works): a check each
 * minute over that minute; a failed one, or one without data, does not advance the weight and counts towards the threshold.
 */
export function flagger(id: string, name: string, { threshold, failedChecks, steps }: FlaggerAnalysis): Rule {
  return {
    id,
    name,
    decide: (minutes) => {
      let [failed, passed] = [0, 0];
      for (let at = 1; at <= minutes.length; at += 1) {
        if (successRate(minutes, at, 1) >= threshold) passed += 1;
        else failed += 1;
        if (failed >= failedChecks) return { verdict: 'Rollback', minutes: at };
        if (passed >= steps) return { verdict: 'Promote', minutes: at };
      }
      return { verdict: 'Undecided', minutes: minutes.length };
    },
  };
}
