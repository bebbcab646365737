import { logAddExp } from '@sluice/statistics';
import { combineHarm } from './weighted-mean.ts';

/** `gate`: proof is needed to promote. `guard`: can only roll back. */
export type Role = 'gate' | 'guard';

export interface MetricEvidence {
  readonly role: Role;
  readonly weight: number;
  /** Whether "worse by at least the margin" was ruled out once already. */
  readonly latched: boolean;
  /** ln of the e-processes against "worse by at least the margin", "not worse" (frozen when latched), "worse by at most half of the margin". */
  readonly logENI: number;
  readonly logEHarm0: number;
  readonly logEHarmD: number;
}

export interface DecisionInput {
  readonly metrics: readonly MetricEvidence[];
  /** Chance of promoting a revision that is worse by the margin, and of rolling back one that is not worse. */
  readonly alphaPromote: number;
  readonly alphaRollback: number;
  /** Whether the time is up. */
  readonly deadline: boolean;
  /** Whether the shared provider is out. */
  readonly breaker: boolean;
  /** Whether outcomes are complete and the shortest time is over. */
  readonly settled: boolean;
}

export type Decision = 'promote' | 'rollback' | 'hold' | 'inconclusive';

/** Share of the rollback evidence that bets against "not worse"; the rest bets on clear harm after the latch. */
export const earlyHarmShare = 0.8;

/**
 * ln of the evidence that the canary is worse on some metric: the weighted mean of all harm processes. One threshold, 1 / alpha, for
 * the sum: wherever one of its two parts alone reaches 1 / (its share of alpha) the sum has reached 1 / alpha, so that it never decides
 * later than two thresholds would, at the same risk.
 */
export function harmEvidence(metrics: readonly MetricEvidence[]): number {
  if (metrics.length === 0) return -Infinity;
  const weights = metrics.map((metric) => metric.weight);
  const early = combineHarm({ logE: metrics.map((metric) => metric.logEHarm0), weights }).logE;
  const late = combineHarm({ logE: metrics.map((metric) => metric.logEHarmD), weights }).logE;
  return logAddExp(early + Math.log(earlyHarmShare), late + Math.log(1 - earlyHarmShare));
}

/** Steps 1 to 5 of a decision. Rollback goes before promotion; without a gate nothing is promoted. */
export function decide({ metrics, alphaPromote, alphaRollback, deadline, breaker, settled }: DecisionInput): { readonly decision: Decision; readonly latched: readonly boolean[] } {
  const latched = metrics.map((metric) => metric.latched || metric.logENI >= Math.log(1 / alphaPromote));
  const gates = metrics.flatMap((metric, index) => (metric.role === 'gate' ? [latched[index] === true] : []));
  const proven = gates.length > 0 && gates.every(Boolean);
  if (harmEvidence(metrics) >= Math.log(1 / alphaRollback)) return { decision: 'rollback', latched };
  if (proven && settled && !breaker) return { decision: 'promote', latched };
  return { decision: deadline && !breaker ? 'inconclusive' : 'hold', latched };
}
