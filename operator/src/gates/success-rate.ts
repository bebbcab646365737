import type { Objective } from '@sluice/crds';
import { upperRateLimit } from '@sluice/statistics';
import { absoluteLimit, failureRisk, significantlyAbove, type BadCount, type BoundVerdict } from './bound-check.ts';
import { brokenAbsolute, withoutSharedFailures, type ServedCount } from './provider-share.ts';
import { badCount, decimal, moreNeeded, requestCount, successPercent } from './wording.ts';

/** Both revisions in the same time; the canary has at least `minRequests`. */
export interface Counts {
  readonly canary: ServedCount;
  readonly stable: ServedCount;
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
  const { counted, note } = withoutSharedFailures(counts);
  return judgeRate({
    canary: counted,
    minRequests: counts.minRequests,
    allowed,
    broken: brokenAbsolute(counts, allowed),
    open: absoluteLimit(counts.stable, allowed).setBy === 'Stable' ? 'the stable revision is as well' : 'this may be chance',
    limit: `the ${decimal(minPercent, 3)} % that are needed`,
    others: `${note}${counts.stable.requests === 0 ? '' : `; the stable revision has ${rate(counts.stable)}`}`,
  });
}

function judgeDrop(maxDropPoints: number, { canary, stable, minRequests }: Counts): BoundVerdict {
  if (stable.requests < minRequests) {
    return {
      verdict: 'NotMeasured',
      sentence: `success rate cannot be compared yet: the stable revision has ${requestCount(stable.requests)} in the same time, ${moreNeeded(minRequests - stable.requests)}; the new revision has ${rate(canary)}`,
    };
  }
  const drop = maxDropPoints / 100;
  // The stable rate is an estimate: for a failure it is taken as bad as it may plausibly be.
  const surelyAllowed = Math.min(1, upperRateLimit(stable.bad, stable.requests, failureRisk / 2) + drop);
  return judgeRate({
    canary,
    minRequests,
    allowed: Math.min(1, stable.bad / stable.requests + drop),
    broken: significantlyAbove(canary, surelyAllowed, failureRisk / 2) === 'above' ? canary : undefined,
    open: 'this may be chance',
    limit: `the stable revision's less ${decimal(maxDropPoints, 3)} points`,
    others: `; the stable revision has ${rate(stable)}`,
  });
}

interface RateQuestion {
  readonly canary: BadCount;
  readonly minRequests: number;
  /** Bad rate (0 to 1) up to which the count passes. */
  readonly allowed: number;
  /** The count that breaks the bound beyond chance, if there is one. */
  readonly broken: BadCount | undefined;
  /** Why neither is surely so. */
  readonly open: string;
  readonly limit: string;
  /** What else the sentence says. */
  readonly others: string;
}

function judgeRate({ canary, minRequests, allowed, broken, open, limit, others }: RateQuestion): BoundVerdict {
  const measured = `success rate ${rate(canary)}`;
  // The allowance keeps 99 % of 100 requests at exactly one bad one, in spite of binary fractions.
  const kept = canary.bad <= allowed * canary.requests + 1e-9;
  if (kept && canary.requests >= minRequests) return { verdict: 'Pass', sentence: `${measured} keeps ${limit}${others}` };
  if (broken !== undefined) return { verdict: 'Fail', sentence: `success rate ${rate(broken)} is below ${limit}${others}` };
  if (kept) return { verdict: 'NotMeasured', sentence: `${measured} keeps ${limit}, but ${moreNeeded(minRequests - canary.requests)}${others}` };
  return { verdict: 'NotMeasured', sentence: `${measured} is below ${limit}, but ${open}: not decided yet${stillNeeded(canary, allowed)}${others}` };
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
