import { requireBetween, StatisticsError } from '@sluice/statistics';
import { oneSampleLogE } from './one-sample.ts';

export interface QuantileInput {
  /** Upper edges of the buckets, ascending; the last bucket has none. */
  readonly edges: readonly number[];
  /** Requests in each bucket, one more than edges. */
  readonly counts: readonly number[];
  /** The quantile, 0 to 1, for example 0.95. */
  readonly q: number;
  readonly alpha: number;
}

/**
 * Where a quantile lies, with chance 1 - alpha at all looks together: the edges that alpha / 2 on each side does not rule out.
 * No correction for many edges: only those beside the true quantile matter (Howard and Ramdas, Bernoulli 28, 2022, theorem 1).
 * `lower` is 0 and `upper` Infinity where nothing can be said; both in the unit of the edges.
 */
export function quantileCS({ edges, counts, q, alpha }: QuantileInput): { readonly lower: number; readonly upper: number } {
  requireBetween('q', q, 0, 1);
  requireBetween('alpha', alpha, 0, 1);
  if (counts.length !== edges.length + 1) throw new StatisticsError(`counts has ${counts.length} buckets for ${edges.length} edges; give one more than edges`);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const threshold = Math.log(2 / alpha);
  let above = total;
  let lower = 0;
  let upper = Infinity;
  for (const [index, edge] of edges.entries()) {
    above -= counts[index] ?? 0;
    const sample = { x: Math.max(0, above), n: total, b0: 1 - q };
    if (oneSampleLogE({ ...sample, side: 'harm' }).logE >= threshold) lower = edge;
    if (upper === Infinity && oneSampleLogE({ ...sample, side: 'good' }).logE >= threshold) upper = edge;
  }
  return { lower, upper };
}
