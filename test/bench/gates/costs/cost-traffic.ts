import { normal, type Random, requestCount } from '../../../../operator/src/gates/sequential/testing/seeded-random.ts';
import type { CostCounts } from '../../../../operator/src/gates/statistics/index.ts';
import { costBuckets } from '../../../../runtime/src/telemetry/cost-metrics.ts';
import type { CostCell, CostShape } from './cost-cells.ts';
import { toldWith } from './cost-gaps.ts';

const deviations: Readonly<Record<Exclude<CostShape, 'Kinds'>, number>> = { Alike: 0.03, Usual: 0.5, Heavy: 1.5 };
const kinds = { dearer: 7, deviation: 0.03 } as const;

/** What one request costs, in dollars. */
export function costOfRequest(shape: CostShape, mean: number, random: Random): number {
  if (shape !== 'Kinds') return lognormal(mean, deviations[shape], random);
  const short = (2 * mean) / (1 + kinds.dearer);
  return lognormal(random() < 0.5 ? short : short * kinds.dearer, kinds.deviation, random);
}

function lognormal(mean: number, deviation: number, random: Random): number {
  const square = Math.log1p(deviation ** 2);
  return mean * Math.exp(Math.sqrt(square) * normal(random) - square / 2);
}

/** Requests of one revision as its pods' histogram has them. */
export interface CountedCosts {
  readonly counts: readonly number[];
  readonly dollars: number;
}

export function countedCosts(requests: number, { shape, mean }: { readonly shape: CostShape; readonly mean: number }, random: Random): CountedCosts {
  const counts = Array.from({ length: costBuckets.length + 1 }, () => 0);
  let dollars = 0;
  for (let request = 0; request < requests; request += 1) {
    const cost = costOfRequest(shape, mean, random);
    const bucket = costBuckets.findIndex((edge) => cost <= edge);
    const index = bucket === -1 ? costBuckets.length : bucket;
    counts[index] = (counts[index] ?? 0) + 1;
    dollars += cost;
  }
  return { counts, dollars };
}

/** What both revisions did in one minute, as far as their pods tell. */
export function costMinute({ shape, ratio, dollars, canaryPerMinute, stablePerCanary, gap }: CostCell, random: Random): CostCounts {
  const canary = countedCosts(requestCount(canaryPerMinute, random), { shape, mean: ratio * dollars }, random);
  const stable = countedCosts(requestCount(canaryPerMinute * stablePerCanary, random), { shape, mean: dollars }, random);
  return gap === undefined ? { countsCanary: canary.counts, countsStable: stable.counts, dollarsCanary: canary.dollars, dollarsStable: stable.dollars } : toldWith(gap, { canary, stable });
}
