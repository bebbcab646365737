import type { PastCounts } from '@sluice/crds';
import { advancePod } from './pod-memory.ts';
import { addSamples, emptySample, type Sample } from './sample.ts';
import type { PodScrape } from './window.ts';

/** What the pods had counted since they started; undefined while none could be read. `now`: milliseconds. */
export function pastOf(scrapes: readonly PodScrape[], now: number): PastCounts | undefined {
  const read = scrapes.flatMap(({ target, counters, at = now }) => (counters === undefined ? [] : [{ target, counters, at }]));
  if (read.length === 0) return undefined;
  const samples = read.map(({ counters, at }) => advancePod(undefined, counters, { firstSight: 'from-zero', at }).sample);
  const podMilliseconds = read.reduce((sum, { target, at }) => sum + Math.max(0, Math.round(at - target.startedAt)), 0);
  const dispersion = dispersionOf(samples);
  return { ...samples.reduce(addSamples, emptySample), pods: read.length, podMilliseconds, ...(dispersion === undefined ? {} : { dispersion }) };
}

/** Bad requests that a pod must be expected to have for its deviation to be like a normal number's. */
const leastExpected = 5;

/** Pearson's dispersion between the pods; undefined where there are no two to compare, or too little went wrong to tell. */
function dispersionOf(samples: readonly Sample[]): PastCounts['dispersion'] {
  const served = samples.filter(({ requests }) => requests > 0);
  const requests = served.reduce((sum, sample) => sum + sample.requests, 0);
  const rate = served.reduce((sum, sample) => sum + sample.bad, 0) / requests;
  const comparable = served.length >= 2 && rate < 1 && served.every((sample) => sample.requests * rate >= leastExpected);
  if (!comparable) return undefined;
  const squares = served.reduce((sum, sample) => sum + (sample.bad - sample.requests * rate) ** 2 / (sample.requests * rate * (1 - rate)), 0);
  return { squares, degrees: served.length - 1 };
}
