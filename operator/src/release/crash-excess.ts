import { upperTail } from '@sluice/statistics';

/** Chance, over all looks at a release, of taking crashes that both revisions have as often for an excess of the new one, in each question. */
export const excessRisk = 0.01;
/** Fewer crashes are no finding, whatever the stable revision does. */
export const fewestCrashes = 3;

/** Crashes of both revisions in the same time. */
export interface SameTime {
  readonly canary: number;
  readonly stable: number;
  /** How many of both would be the new revision's if each pod crashed as often: for each crash its share of the pods at that moment, summed. */
  readonly expected: number;
}

/** How many times as often pods of the new revision may crash, each with its part of the stake; Infinity: the stable revision never does. */
const alternatives = [{ times: 2, part: 0.2 }, { times: 5, part: 0.2 }, { times: 20, part: 0.2 }, { times: Infinity, part: 0.4 }] as const;

/**
 * Evidence that a pod of the new revision crashes more often than one of the stable revision in the same time: a mixture of likelihood
 * ratios. If each crash hits the new revision with no more chance than its share of the pods, whatever makes them crash and however that
 * changes with time, this ever comes to 1/a with a chance of a at most, however often one looks (Ville's inequality). The mean share in
 * place of each crash's own makes it smaller only, as the logarithm of each ratio's divisor is concave in the share.
 */
export function excessEvidence({ canary, stable, expected }: SameTime): number {
  const all = canary + stable;
  if (all === 0) return 1;
  const share = Math.min(1, expected / all);
  return alternatives.reduce((sum, { times, part }) => sum + part * Math.exp(times === Infinity ? never(canary, stable, share) : canary * Math.log(times) - all * Math.log1p(share * (times - 1))), 0);
}

/** Logarithm. */
function never(canary: number, stable: number, share: number): number {
  return stable > 0 ? -Infinity : -canary * Math.log(share);
}

/**
 * Whether it is chance that all crashes hit the new revision and none the stable one. If each crash hits it with its share of the pods, they
 * all do with the product of the shares, which the power of their mean bounds: however many crash, and whatever makes them begin.
 */
export function exceedsShare({ canary, stable, expected }: SameTime): boolean {
  return canary >= fewestCrashes && stable === 0 && Math.min(1, expected / canary) ** canary <= excessRisk;
}

/** Crashes of the new revision beside those that the stable one had before, with the time that their pods ran, in one unit. */
export interface BesidePast {
  readonly canary: { readonly crashes: number; readonly podTime: number };
  readonly past: { readonly crashes: number; readonly podTime: number };
}

/**
 * Whether the stable revision's pods crashed too seldom before to explain what the new one does now. Given all crashes, each is the new
 * revision's with the chance of its share of the time, if both crash at one rate; the exact tail of that, with the risk dealt out
 * over the number of crashes at which it is asked (1/2, 1/6, 1/12 ... of it), so that it holds however often one looks.
 */
export function exceedsPast({ canary, past }: BesidePast): boolean {
  const { crashes } = canary;
  if (crashes < fewestCrashes || past.podTime <= 0) return false;
  const risk = excessRisk / ((crashes - fewestCrashes + 1) * (crashes - fewestCrashes + 2));
  return upperTail(crashes, crashes + past.crashes, canary.podTime / (canary.podTime + past.podTime)) <= risk;
}
