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
    const [countsCanary, countsStable] = [costs(measure, canary), costs(measure, stable)];
    if (countsCanary === undefined || countsStable === undefined) return undefined;
    return [...countsCanary, ...countsStable].every(isCount) ? { countsCanary, countsStable } : undefined;
  }
  const [ofCanary, ofStable] = [shareBetween(measure, canary), shareBetween(measure, stable)];
  if (ofCanary === undefined || ofStable === undefined) return undefined;
  return [ofCanary, ofStable].every(({ bad, total }) => isCount(bad) && isCount(total) && bad <= total) ? { xc: ofCanary.bad, nc: ofCanary.total, xs: ofStable.bad, ns: ofStable.total } : undefined;
}

function shareBetween(measure: GateMeasure, { now, before }: Span): Share | undefined {
  const [later, earlier] = [shareIn(measure, now), shareIn(measure, before)];
  if (later === undefined) return undefined;
  // What was not counted before began at 0 within the window.
  return { bad: later.bad - (earlier?.bad ?? 0), total: later.total - (earlier?.total ?? 0) };
}

/** Bad and all events of a sample: requests, slow ones, or what an objective counts by itself. A revision without requests has none. */
export function shareIn({ kind, objective, edge }: GateMeasure, sample: Sample): Share | undefined {
  switch (kind) {
    case 'Requests':
      return { bad: sample.bad, total: sample.requests };
    case 'Latency':
      return edge === undefined ? undefined : slowIn(sample, edge);
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

/** Slow are those above the first finite edge at or over `edge`, in seconds: they are so without doubt. */
function slowIn(sample: Sample, edge: number): Share | undefined {
  if (sample.latencyBuckets.length === 0) return nothingIn(sample);
  const total = countAt(sample.latencyBuckets, infinityEdge);
  const limit = Math.min(...sample.latencyBuckets.map(({ le }) => (le >= edge ? le : Infinity)));
  const fast = countAt(sample.latencyBuckets, limit);
  return total === undefined || fast === undefined ? undefined : { bad: total - fast, total };
}

function countAt(buckets: readonly Buckets[], edge: number): number | undefined {
  return buckets.find(({ le }) => le === edge)?.count;
}

/** Requests by cost bucket, the last one for all beyond the last edge. */
function costs({ edges = [] }: GateMeasure, { now, before }: Span): number[] | undefined {
  if ((now.costBuckets ?? []).length === 0) return nothingIn(now) === undefined ? undefined : Array.from({ length: edges.length + 1 }, () => 0);
  const upTo = [...edges, infinityEdge].map((edge) => {
    const later = countAt(now.costBuckets ?? [], edge);
    return later === undefined ? undefined : later - (countAt(before.costBuckets ?? [], edge) ?? 0);
  });
  if (upTo.includes(undefined)) return undefined;
  return upTo.map((count, index) => (count ?? 0) - (index === 0 ? 0 : (upTo[index - 1] ?? 0)));
}
