import { requireBetween, requireWithin, StatisticsError } from '@sluice/statistics';

export interface NullProjectionInput {
  /** Bad rates that are bet on, 0 to 1: canary and stable. */
  readonly qc: number;
  readonly qs: number;
  /** Requests of both, >= 0, not both 0; only their ratio matters. */
  readonly nc: number;
  readonly ns: number;
  /** Difference canary - stable on the edge of the null, -1 to 1. */
  readonly d: number;
}

/**
 * The pair of rates on the edge of the null (theta_c = theta_s + d) that is nearest to the bet in Kullback-Leibler divergence
 * (Turner, Ly and Gruenwald, J. Stat. Plan. Inference 230, 2024). Also the restricted maximum likelihood estimate of Farrington and
 * Manning when the bet is what was observed. Relative error about 1e-14. Throws a StatisticsError outside of the ranges.
 */
export function nullProjection({ qc, qs, nc, ns, d }: NullProjectionInput): { readonly thetaS: number } {
  requireWithin('qc', qc, 0, 1);
  requireWithin('qs', qs, 0, 1);
  requireBetween('d', d, -1, 1);
  if (!(nc >= 0 && ns >= 0 && nc + ns > 0 && nc + ns < Infinity)) throw new StatisticsError(`nc is ${nc} and ns is ${ns}; give finite counts that are not both 0`);
  return { thetaS: d < 0 ? projectedRate(qs, qc, ns, nc, -d) - d : projectedRate(qc, qs, nc, ns, d) };
}

/** Relative: a few units in the last place, below which steps only wander. */
const precision = 1e-15;

/** The projection for d >= 0, unchecked: it is computed several times for every block. */
export function projectedRate(qc: number, qs: number, nc: number, ns: number, d: number): number {
  if (d === 0) return (nc * qc + ns * qs) / (nc + ns);
  let low = 0;
  let high = 1 - d;
  let at = (nc * (qc - d) + ns * qs) / (nc + ns);
  // Newton's steps, and a halving wherever one leaves the bracket: 200 halvings alone would do.
  for (let step = 0; step < 200; step += 1) {
    if (!(at > low && at < high)) at = (low + high) / 2;
    const value = slope(at, qc, qs, nc, ns, d);
    if (value > 0) low = at;
    else high = at;
    const next = at - value / curvature(at, qc, qs, nc, ns, d);
    if (Math.abs(next - at) <= precision * at || high - low <= precision * low || value === 0) return next > 0 && next < 1 - d ? next : at;
    at = next;
  }
  return at;
}

/** Derivative of the likelihood along the edge, times the four denominators: a cubic with the same sign and no poles. */
function slope(t: number, qc: number, qs: number, nc: number, ns: number, d: number): number {
  const tc = t + d;
  return nc * (qc - tc) * t * (1 - t) + ns * (qs - t) * tc * (1 - tc);
}

function curvature(t: number, qc: number, qs: number, nc: number, ns: number, d: number): number {
  const tc = t + d;
  return nc * ((qc - tc) * (1 - 2 * t) - t * (1 - t)) + ns * ((qs - t) * (1 - 2 * tc) - tc * (1 - tc));
}
