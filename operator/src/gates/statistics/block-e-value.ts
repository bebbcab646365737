import { logLikelihoodRatio, requireBetween, requireCounts, StatisticsError } from '@sluice/statistics';
import { projectedRate } from './null-projection.ts';

/** What both revisions did in the same time. */
export interface BlockCounts {
  /** Bad requests and all requests of the canary. */
  readonly xc: number;
  readonly nc: number;
  /** The same of the stable revision. */
  readonly xs: number;
  readonly ns: number;
}

export interface RateBet {
  /** Bad rates that are bet on, strictly between 0 and 1, fixed before the block. */
  readonly qc: number;
  readonly qs: number;
  /** Edge of the null, canary - stable. qc - qs below d bets against "worse by at least d", above d against "worse by at most d". */
  readonly d: number;
  /** Design effect, >= 1: the size of clusters that share their fate. */
  readonly phi: number;
}

/**
 * ln of the e-value of one block: likelihood of the bet over that of its projection on the null. Its expectation is at most 1 under
 * the null for any sizes, for rates that differ within the block too (AM-GM; docs/gates.md), and, divided by phi, for clusters of up
 * to phi requests that depend on each other in any way (Hoelder). 0 when one revision has no requests: such a block is to be merged.
 */
export function blockLogE(input: BlockCounts & RateBet): { readonly logE: number } {
  requireCounts('canary', input.xc, input.nc);
  requireCounts('stable', input.xs, input.ns);
  requireBetween('qc', input.qc, 0, 1);
  requireBetween('qs', input.qs, 0, 1);
  requireBetween('d', input.d, -1, 1);
  if (!(input.phi >= 1 && input.phi < Infinity)) throw new StatisticsError(`phi is ${input.phi}; give a design effect of at least 1`);
  return { logE: rateBetLogE(input, input.qc, input.qs, input.d) / input.phi };
}

/** As {@link blockLogE} with phi = 1, unchecked. */
export function rateBetLogE({ xc, nc, xs, ns }: BlockCounts, qc: number, qs: number, d: number): number {
  if (nc <= 0 || ns <= 0) return 0;
  if (d < 0) return twoArms(xs, ns, qs, xc, nc, qc, -d);
  return twoArms(xc, nc, qc, xs, ns, qs, d);
}

/** For d >= 0. Good requests are bad ones seen from the other end: the end is taken at which the projection comes closest to 0, where it is precise. */
function twoArms(xc: number, nc: number, qc: number, xs: number, ns: number, qs: number, d: number): number {
  if (1 - qc < qs) return projectedRatio(ns - xs, ns, 1 - qs, nc - xc, nc, 1 - qc, d);
  return projectedRatio(xc, nc, qc, xs, ns, qs, d);
}

function projectedRatio(xc: number, nc: number, qc: number, xs: number, ns: number, qs: number, d: number): number {
  const theta = projectedRate(qc, qs, nc, ns, d);
  return logLikelihoodRatio(xc, nc, qc, theta + d) + logLikelihoodRatio(xs, ns, qs, theta);
}
