import type { PastCounts } from '@sluice/crds';
import { infinityEdge } from '../../evidence/sample.ts';
import type { CostMetric } from '../sequential/index.ts';
import { costMoments } from '../statistics/index.ts';

/** Costs above so many times stable's mean all count as that much: one request must not outweigh a day. */
const capInMeans = 10;

/** A history of one kind of request must not stake everything on the next. */
const leastVariance = 1e-6;

/**
 * What the buckets between `dollars` (edges, rising) are over the cap, and what stable's requests cost before. The cap is the first
 * edge at or above ten times stable's mean, or `frozen`; the last one where nothing is known.
 */
export function costScaleOf(dollars: readonly number[], past: PastCounts | undefined, frozen?: number): Pick<CostMetric, 'v' | 'edges' | 'history'> & { readonly cap: number } {
  const middles = [...dollars, infinityEdge].map((edge, index) => (edge === infinityEdge ? (dollars.at(-1) ?? 1) : midpoint(edge, dollars[index - 1])));
  const counts = countsOf(dollars, past);
  const requests = counts.reduce((sum, count) => sum + count, 0);
  const mean = requests === 0 ? 0 : (past?.costDollars ?? weighted(middles, counts)) / requests;
  const cap = frozen ?? dollars.find((edge) => mean > 0 && edge >= capInMeans * mean) ?? dollars.at(-1) ?? 1;
  const v = middles.map((each, index) => (index === dollars.length ? 1 : Math.min(1, each / cap)));
  const edges = dollars.map((edge) => edge / cap);
  return { v, edges, cap, history: historyOf({ counts, edges, sum: past?.costDollars === undefined ? undefined : past.costDollars / cap }) };
}

function historyOf(arm: Parameters<typeof costMoments>[0]): CostMetric['history'] {
  const { requests, costs, squares } = costMoments(arm);
  if (requests === 0) return { mean: 0, variance: 0, requests: 0 };
  const mean = costs / requests;
  return { mean, variance: Math.max(leastVariance, squares / requests - mean * mean), requests };
}

/** The middle of a bucket: geometric; half of the upper edge where nothing, or an edge of 0, is below. */
export function midpoint(upper: number, lower: number | undefined): number {
  return lower === undefined || lower <= 0 ? upper / 2 : Math.sqrt(lower * upper);
}

/** Zeros where the past has other edges. */
function countsOf(edges: readonly number[], past: PastCounts | undefined): number[] {
  const upTo = [...edges, infinityEdge].map((edge) => past?.costBuckets?.find(({ le }) => le === edge)?.count);
  if (upTo.includes(undefined)) return upTo.map(() => 0);
  return upTo.map((count, index) => Math.max(0, (count ?? 0) - (index === 0 ? 0 : (upTo[index - 1] ?? 0))));
}

function weighted(values: readonly number[], counts: readonly number[]): number {
  return values.reduce((sum, value, index) => sum + value * (counts[index] ?? 0), 0);
}
