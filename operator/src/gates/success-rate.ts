import type { Objective } from '@sluice/crds';
import { upperRateLimit } from './binomial.ts';
import { failureRisk, significantlyAbove, type BadCount, type BoundVerdict } from './bound-check.ts';
import { badCount, decimal, moreNeeded, requestCount, successPercent } from './wording.ts';

/** Both revisions in the same time; the canary has at least `minRequests`. */
export interface Counts {
  readonly canary: BadCount;
  readonly stable: BadCount;
  readonly minRequests: number;
}

type SuccessRate = NonNullable<Objective['successRate']>;

/** One verdict for each bound that is set. */
export function judgeSuccessRate(bounds: SuccessRate, counts: Counts): BoundVerdict[] {
  return [
    ...(bounds.minPercent === undefined ? [] : [judgeMinimum(bounds.minPercent, counts)]),
    ...(bounds.maxDropPoints === undefined ? [] : [judgeDrop(bounds.maxDropPoints, counts)]),
  ];
}

function judgeMinimum(minPercent: number, counts: Counts): BoundVerdict {
  const allowed = (100 - minPercent) / 100;
  const limit = `the ${decimal(minPercent, 3)} % that are needed`;
  const stable = counts.stable.requests === 0 ? '' : `; the stable revision has ${rate(counts.stable)}`;
  return judgeRate({ canary: counts.canary, allowed, surelyAllowed: allowed, risk: failureRisk, limit, stable });
}

function judgeDrop(maxDropPoints: number, { canary, stable, minRequests }: Counts): BoundVerdict {
  if (stable.requests < minRequests) {
    return {
      verdict: 'NotMeasured',
      sentence: `success rate cannot be compared yet: the stable revision has ${requestCount(stable.requests)} in the same time, ${moreNeeded(minRequests - stable.requests)}; the new revision has ${rate(canary)}`,
    };
  }
  const drop = maxDropPoints / 100;
  return judgeRate({
    canary,
    allowed: Math.min(1, stable.bad / stable.requests + drop),
    // The stable rate is an estimate: for a failure it is taken as bad as it may plausibly be.
    surelyAllowed: Math.min(1, upperRateLimit(stable.bad, stable.requests, failureRisk / 2) + drop),
    risk: failureRisk / 2,
    limit: `the stable revision's less ${decimal(maxDropPoints, 3)} points`,
    stable: `; the stable revision has ${rate(stable)}`,
  });
}

interface RateQuestion {
  readonly canary: BadCount;
  /** Bad rate (0 to 1) up to which the count passes. */
  readonly allowed: number;
  /** Bad rate that the canary must be above for a failure; at least `allowed`. */
  readonly surelyAllowed: number;
  readonly risk: number;
  readonly limit: string;
  readonly stable: string;
}

function judgeRate(question: RateQuestion): BoundVerdict {
  const { canary, allowed, surelyAllowed, risk, limit, stable } = question;
  const measured = `success rate ${rate(canary)}`;
  // The allowance keeps 99 % of 100 requests at exactly one bad one, in spite of binary fractions.
  if (canary.bad <= allowed * canary.requests + 1e-9) return { verdict: 'Pass', sentence: `${measured} keeps ${limit}${stable}` };
  if (significantlyAbove(canary, surelyAllowed, risk) === 'above') return { verdict: 'Fail', sentence: `${measured} is below ${limit}${stable}` };
  return { verdict: 'NotMeasured', sentence: `${measured} is below ${limit}, but this may be chance: not decided yet${stillNeeded(canary, allowed)}${stable}` };
}

/** How many good requests in a row would bring the count within its bound. */
function stillNeeded({ bad, requests }: BadCount, allowed: number): string {
  if (allowed <= 0) return '';
  const needed = Math.ceil(bad / allowed - 1e-9) - requests;
  return `, ${requestCount(needed)} without a failure would pass`;
}

function rate(count: BadCount): string {
  return count.requests === 0 ? 'no requests' : `${successPercent(count)} (${badCount(count)})`;
}
