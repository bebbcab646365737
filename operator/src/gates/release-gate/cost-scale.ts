import type { PastCounts } from '@sluice/crds';
import { infinityEdge } from '../../evidence/sample.ts';
import type { CostMetric } from '../sequential/index.ts';

/** Costs above so many times stable's mean all count as that much: one request must not outweigh a day. */
const capInMeans = 10;

/** A history of one kind of request must not stake everything on the next. */
const leastVariance = 1e-6;

/**
 * What the buckets between `edges` (dollars, rising) cost over the cap, 0 to 1, and what stable's requests cost before. The cap is the first
 * edge at or above ten times stable's mean, or `frozen`; the last one where nothing is known.
 */
export function costScaleOf(edges: readonly number[], past: PastCounts | undefined, frozen?: number): Pick<CostMetric, 'v' | 'cap' | 'history'> {
  const dollars = [...edges, infinityEdge].map((edge, index) => midpoint(edges, edge === infinityEdge ? edges.length : index));
  const counts = countsOf(edges, past);
  const requests = counts.reduce((sum, count) => sum + count, 0);
  const mean = requests === 0 ? 0 : weighted(dollars, counts) / requests;
  const cap = frozen ?? edges.find((edge) => mean > 0 && edge >= capInMeans * mean) ?? edges.at(-1) ?? 1;
  const v = dollars.map((each, index) => (index === edges.length ? 1 : Math.min(1, each / cap)));
  if (requests === 0) return { v, cap, history: { mean: 0, variance: 0, requests: 0 } };
  const capped = weighted(v, counts) / requests;
  const variance = Math.max(leastVariance, weighted(v.map((each) => each * each), counts) / requests - capped * capped);
  return { v, cap, history: { mean: capped, variance, requests } };
}

/** Geometric; below the first edge half of it. */
function midpoint(edges: readonly number[], index: number): number {
  const upper = edges[index] ?? edges.at(-1) ?? 1;
  const lower = edges[index - 1];
  return lower === undefined ? upper / 2 : Math.sqrt(lower * upper);
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
