import { requireBetween, requireCounts, StatisticsError } from '@sluice/statistics';
import { projectedRate } from './null-projection.ts';

/** [bad canary, canary, bad stable, stable] of one weight step. */
export type Stratum = readonly [number, number, number, number];

const edge = 1e-12;

/**
 * Score of "worse by at least d" at one declared look; far below 0 speaks for the canary (Farrington and Manning, Stat. Med. 9, 1990).
 * Asymptotic, not exact. 0, which decides nothing, when one revision has no requests.
 */
export function farringtonManningZ({ xc, nc, xs, ns, d }: { readonly xc: number; readonly nc: number; readonly xs: number; readonly ns: number; readonly d: number }): { readonly z: number } {
  return stratifiedNIz({ strata: [[xc, nc, xs, ns]], d });
}

/** The same over weight steps, each compared within itself, weighted as Mantel and Haenszel do. */
export function stratifiedNIz({ strata, d }: { readonly strata: readonly Stratum[]; readonly d: number }): { readonly z: number } {
  requireBetween('d', d, 0, 1);
  let difference = 0;
  let variance = 0;
  for (const [index, [xc, nc, xs, ns]] of strata.entries()) {
    requireCounts(`strata[${index}] canary`, xc, nc);
    requireCounts(`strata[${index}] stable`, xs, ns);
    if (nc === 0 || ns === 0) continue;
    const weight = (nc * ns) / (nc + ns);
    difference += weight * (xc / nc - xs / ns - d);
    variance += weight * weight * restrictedVariance(xc / nc, xs / ns, nc, ns, d);
  }
  if (variance === 0) return { z: 0 };
  const z = difference / Math.sqrt(variance);
  if (Number.isNaN(z)) throw new StatisticsError(`strata are ${JSON.stringify(strata)}; no score comes of them`);
  return { z };
}

/** Variance of the difference where the rates are the most likely ones on the edge of the null. */
function restrictedVariance(pc: number, ps: number, nc: number, ns: number, d: number): number {
  const within = (p: number) => Math.min(1 - edge, Math.max(edge, p));
  const theta = projectedRate(within(pc), within(ps), nc, ns, d);
  const canary = theta + d;
  return (canary * (1 - canary)) / nc + (theta * (1 - theta)) / ns;
}
