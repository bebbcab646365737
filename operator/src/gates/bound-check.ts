import type { Verdict } from '@sluice/crds';
import { upperTail } from './binomial.ts';

/**
 * Largest chance, at one look, of failing a revision that keeps its bound. Looking again and again adds to it: the bound for
 * that comes with the anytime-valid gate. Half goes to each source of chance where the stable revision's rate is estimated too.
 */
export const failureRisk = 0.01;

export interface BadCount {
  readonly bad: number;
  readonly requests: number;
}

/** The verdict on one bound, and what it takes to decide where it is open. */
export interface BoundVerdict {
  readonly verdict: Verdict;
  readonly sentence: string;
}

/**
 * Fail only when so many bad requests would come up with a chance below `risk` if the rate were `allowed` (0 to 1). A revision that
 * is merely above its bound by the count so far has neither passed nor failed.
 */
export function significantlyAbove(count: BadCount, allowed: number, risk: number): 'above' | 'open' {
  return count.bad > 0 && upperTail(count.bad, count.requests, allowed) < risk ? 'above' : 'open';
}

/** Fail before NotMeasured before Pass; nothing judged is NotMeasured. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('Fail')) return 'Fail';
  return verdicts.length === 0 || verdicts.includes('NotMeasured') ? 'NotMeasured' : 'Pass';
}
