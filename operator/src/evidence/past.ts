import type { PastCounts } from '@sluice/crds';
import { advancePod } from './pod-memory.ts';
import { addSamples, emptySample } from './sample.ts';
import type { PodScrape } from './window.ts';

/** What the pods had counted since they started; undefined while none could be read. `now`: milliseconds. */
export function pastOf(scrapes: readonly PodScrape[], now: number): PastCounts | undefined {
  const read = scrapes.flatMap(({ target, counters, at = now }) => (counters === undefined ? [] : [{ target, counters, at }]));
  if (read.length === 0) return undefined;
  const samples = read.map(({ counters, at }) => advancePod(undefined, counters, { firstSight: 'from-zero', at }).sample);
  const podMilliseconds = read.reduce((sum, { target, at }) => sum + Math.max(0, Math.round(at - target.startedAt)), 0);
  return { ...samples.reduce(addSamples, emptySample), pods: read.length, podMilliseconds };
}
