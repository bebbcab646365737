import type { GateMeasure, Sample } from '@sluice/crds';
import { infinityEdge } from '../../evidence/sample.ts';
import { isCount } from '../sequential/index.ts';
import type { BlockCounts, CostCounts } from '../statistics/index.ts';

interface Buckets {
  readonly le: number;
  readonly count: number;
}

/** Bad and all events of one revision. */
export interface Share {
  readonly bad: number;
  readonly total: number;
}

/** Totals of a window, and those of the same window when the block before was closed. */
export interface Span {
  readonly now: Sample;
  readonly before: Sample;
}

/** What one metric counted on both revisions between two looks; undefined where it cannot be told. */
export function countsBetween(measure: GateMeasure, canary: Span, stable: Span): BlockCounts | CostCounts | undefined {
  if (measure.kind === 'Cost') {
    const [ofCanary, ofStable] = [costs(measure, canary), costs(measure, stable)];
    if (ofCanary === undefined || ofStable === undefined) return undefined;
    const { counts: countsCanary, lacking: lackingCanary } = ofCanary;
    const { counts: countsStable, lacking: lackingStable } = ofStable;
    const [dollarsCanary, dollarsStable] = [dollarsBetween(canary), dollarsBetween(stable)];
    const sums = { ...(dollarsCanary === undefined ? {} : { dollarsCanary }), ...(dollarsStable === undefined ? {} : { dollarsStable }) };
    const edges = { ...(lackingCanary.length === 0 ? {} : { lackingCanary }), ...(lackingStable.length === 0 ? {} : { lackingStable }) };
    return [...countsCanary, ...countsStable].every(isCount) ? { countsCanary, countsStable, ...sums, ...edges } : undefined;
  }
  const limit = measure.kind === 'Latency' && measure.edge !== undefined ? slowLimit(measure.edge, [canary.now, stable.now]) : undefined;
  const [ofCanary, ofStable] = [shareBetween(measure, canary, limit), shareBetween(measure, stable, limit)];
  if (ofCanary === undefined || ofStable === undefined) return undefined;
  return [ofCanary, ofStable].every(({ bad, total }) => isCount(bad) && isCount(total) && bad <= total) ? { xc: ofCanary.bad, nc: ofCanary.total, xs: ofStable.bad, ns: ofStable.total } : undefined;
}

function shareBetween(measure: GateMeasure, { now, before }: Span, limit: number | undefined): Share | undefined {
  const [later, earlier] = [shareIn(measure, now, limit), shareIn(measure, before, limit)];
  if (later === undefined) return undefined;
  // What was not counted before began at 0 within the window.
  return { bad: later.bad - (earlier?.bad ?? 0), total: later.total - (earlier?.total ?? 0) };
}

/** Bad and all events of a sample: requests, slow ones (above `limit`, by default the first edge at or over that of the measure), or what an objective counts by itself. A revision without requests has none. */
export function shareIn({ kind, objective, edge }: GateMeasure, sample: Sample, limit?: number): Share | undefined {
  switch (kind) {
    case 'Requests':
      return { bad: sample.bad, total: sample.requests };
    case 'Latency':
      return edge === undefined ? undefined : slowIn(sample, limit ?? slowLimit(edge, [sample]));
    case 'Events': {
      const counted = sample.counts?.find(({ name }) => name === objective);
      return counted === undefined ? nothingIn(sample) : { bad: counted.bad, total: counted.total };
    }
    case 'Cost':
      return undefined;
  }
}

function nothingIn({ requests, latencyBuckets }: Sample): Share | undefined {
  return requests === 0 && latencyBuckets.every(({ count }) => count === 0) ? { bad: 0, total: 0 } : undefined;
}

/**
 * Seconds above which requests are slow: the first finite edge at or over `edge` that all of the samples have, because they are slower than
 * that without doubt, and what one revision is judged by the other is, too. Undefined where there is none.
 */
export function slowLimit(edge: number, samples: readonly Sample[]): number | undefined {
  const known = samples.map(({ latencyBuckets }) => latencyBuckets.map(({ le }) => le)).filter((edges) => edges.length > 0);
  const shared = known[0]?.filter((le) => le >= edge && known.every((edges) => edges.includes(le))) ?? [];
  return shared.length === 0 ? undefined : Math.min(...shared);
}

function slowIn(sample: Sample, limit: number | undefined): Share | undefined {
  if (sample.latencyBuckets.length === 0) return nothingIn(sample);
  if (limit === undefined) return undefined;
  const total = countAt(sample.latencyBuckets, infinityEdge);
  const fast = countAt(sample.latencyBuckets, limit);
  return total === undefined || fast === undefined ? undefined : { bad: total - fast, total };
}

function countAt(buckets: readonly Buckets[], edge: number): number | undefined {
  return buckets.find(({ le }) => le === edge)?.count;
}

/** Requests by cost bucket, and the places of the edges that are not known. */
interface CostBuckets {
  readonly counts: readonly number[];
  readonly lacking: readonly number[];
}

/**
 * Requests by cost bucket, the last one for all beyond the last edge. A runtime of before, or after, may not have all of the frozen edges: what lies below
 * one that it has not is in the next bucket that it tells apart. Undefined where it has none of them, so that nothing could be told but a mean.
 */
function costs({ edges = [] }: GateMeasure, { now: { costBuckets = [], ...now }, before }: Span): CostBuckets | undefined {
  if (costBuckets.length === 0) return nothingIn(now) === undefined ? undefined : { counts: Array.from({ length: edges.length + 1 }, () => 0), lacking: [] };
  const earlier = before.costBuckets ?? [];
  const upTo = [...edges, infinityEdge].map((edge) => {
    const [later, known] = [countAt(costBuckets, edge), earlier.length === 0 ? 0 : countAt(earlier, edge)];
    return later === undefined || known === undefined ? undefined : later - known;
  });
  const lacking = upTo.flatMap((count, index) => (count === undefined ? [index] : []));
  if (upTo.at(-1) === undefined || (edges.length > 0 && lacking.length === edges.length)) return undefined;
  let below = 0;
  const counts = upTo.map((count) => {
    if (count === undefined) return 0;
    const within = count - below;
    below = count;
    return within;
  });
  return { counts, lacking };
}

/** Digits of a sum that are kept: more than any price has, fewer than binary fractions have dust. */
const digits = 12;

/** What the requests cost all together; undefined where some pod has not told, also before: then only their buckets are known. */
function dollarsBetween({ now, before }: Span): number | undefined {
  const [later, earlier] = [dollarsIn(now), dollarsIn(before)];
  if (later === undefined || earlier === undefined) return undefined;
  return Number(Math.max(0, later - earlier).toPrecision(digits));
}

/** Nothing was spent where nothing was counted. */
function dollarsIn({ costBuckets = [], costDollars }: Sample): number | undefined {
  return costDollars ?? ((countAt(costBuckets, infinityEdge) ?? 0) === 0 ? 0 : undefined);
}
