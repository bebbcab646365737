import type { Verdict } from '@sluice/crds';
import { upperRateLimit, upperTail } from '@sluice/statistics';

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

/** Chance below which a stable revision outside of an absolute bound counts as breaking it itself. */
const likewiseRisk = 0.05;

/** Where an absolute bound fails a revision. */
export interface AbsoluteLimit {
  /** Bad rate, 0 to 1, beyond which it fails. */
  readonly surelyAllowed: number;
  readonly risk: number;
  /** `Stable`: moved, because the stable revision breaks the bound in the same time; then what is shared fails nobody. */
  readonly setBy: 'Bound' | 'Stable';
}

/**
 * The limit of an absolute bound of `allowed` (0 to 1). When the stable revision breaks the bound as well, as in an outage of the
 * provider or a tool, going back to it would help nobody: the new one must be worse than the stable one plausibly is, by the whole allowance.
 */
export function absoluteLimit(stable: BadCount, allowed: number): AbsoluteLimit {
  if (stable.bad === 0 || upperTail(stable.bad, stable.requests, allowed) >= likewiseRisk) return { surelyAllowed: allowed, risk: failureRisk, setBy: 'Bound' };
  // Half of the risk for the estimate of the stable rate, as in a comparison.
  const plausible = upperRateLimit(stable.bad, stable.requests, failureRisk / 2);
  return { surelyAllowed: Math.min(1, plausible + allowed), risk: failureRisk / 2, setBy: 'Stable' };
}

/** Fail before NotMeasured before Pass; nothing judged is NotMeasured. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('Fail')) return 'Fail';
  return verdicts.length === 0 || verdicts.includes('NotMeasured') ? 'NotMeasured' : 'Pass';
}
