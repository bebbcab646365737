import type { GateMeasure, PastCounts, Sample } from '@sluice/crds';
import type { RateMetric } from '../sequential/index.ts';
import { type Histogram, histogramOf, percentileEdge } from '../percentile.ts';
import { everydayShare } from '../outage.ts';
import { shareIn } from './counts.ts';

/** Latencies of the stable revision below which its percentile is not frozen yet. */
export const leastLatencies = 20;

/** Requests that an outage of the model provider has failed; 0 where it failed no more than on an ordinary day. */
export function outageFailures(sample: Sample): number {
  const failed = providerFailuresIn(sample);
  return failed > everydayShare * sample.requests ? failed : 0;
}

function providerFailuresIn({ bad, providerFailures = 0 }: Sample): number {
  return Math.min(bad, providerFailures);
}

/**
 * What stable's pods had counted of a measure before the release, as the next hour may be expected to be: without the requests that an outage of the
 * provider failed. `slowShare` is that of a latency that nobody could freeze yet: it will be the share beyond its percentile, whichever edge that is.
 */
export function historyOf(measure: GateMeasure | undefined, past: PastCounts | undefined, slowShare?: number): RateMetric['history'] {
  if (measure === undefined || past === undefined) return { bad: 0, requests: 0 };
  if (measure.kind === 'Latency' && measure.edge === undefined && slowShare !== undefined) return { bad: Number((slowShare * leastLatencies).toFixed(9)), requests: leastLatencies };
  const { bad, total } = shareIn(measure, past) ?? { bad: 0, total: 0 };
  const lost = measure.kind === 'Requests' ? outageFailures(past) : 0;
  return { bad: bad - lost, requests: total - lost };
}

/** The smallest bucket edge that `percentile` percent of the requests keep, in seconds; undefined as long as too few are known. */
export function slowEdge(sample: Sample, percentile: number): number | undefined {
  const histogram = histogramOf(sample);
  return histogram === undefined || histogram.requests < leastLatencies ? undefined : finiteEdge(histogram, percentile);
}

/**
 * The same of stable's past. Requests that the provider has failed are in its buckets, and whether they were refused at once or timed out is not told: where
 * they may move the percentile it is known only if it is the same either way.
 */
export function slowEdgeOfPast(past: Sample, percentile: number): number | undefined {
  const histogram = histogramOf(past);
  const failed = providerFailuresIn(past);
  if (histogram === undefined || failed <= Math.min(everydayShare, (1 - percentile / 100) / 2) * past.requests) return slowEdge(past, percentile);
  const served = histogram.requests - failed;
  if (served < leastLatencies) return undefined;
  const [ifFirst, ifLast] = [failed, 0].map((before) => finiteEdge(histogram, ((before + (percentile / 100) * served) / histogram.requests) * 100));
  return ifFirst === ifLast ? ifFirst : undefined;
}

function finiteEdge(histogram: Histogram, percentile: number): number {
  return Math.min(percentileEdge(histogram, percentile), histogram.largestFinite);
}
