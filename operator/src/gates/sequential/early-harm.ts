import type { BlockCounts, CostCounts } from '../statistics/index.ts';
import type { ScrapeBlock } from './evidence.ts';
import type { MetricPolicy } from './policy.ts';
import type { GateState } from './state.ts';

/** Standard deviations above what is expected, up to which the canary's requests may have come: more come in one block of a thousand. */
const deviations = 3;

/** Where the canary's part of the traffic was with the last block, and whether it has fallen and requests of before may still end. */
export type TrafficPlace = Pick<GateState, 'share' | 'fallen'>;

export function placeAfter(state: TrafficPlace, { weight, share: real = weight }: Pick<ScrapeBlock, 'weight' | 'share'>, settled: 'Yes' | 'No'): TrafficPlace {
  const share = Math.abs(real);
  return { share, ...(settled === 'No' && (state.fallen === 'Yes' || share < (state.share ?? 0)) ? { fallen: 'Yes' } : {}) };
}

/**
 * What a block that has not settled may say of harm; undefined: nothing yet. Requests are counted when they end, so of a revision that has just got its
 * traffic those are known that end first: where failures are quicker than answers it looks broken, though it is not. So as many requests count as
 * its share of the traffic can have brought by what stable answered, those that still run as good ones. Where the share has fallen what ends late is of
 * more requests than come now, and where no share says how many came, or a request may have many events, or fewer bad ones are harm too, or the dear ones end
 * at another time than the cheap ones, harm waits until all that began before has ended.
 */
export function earlyCounts(metric: MetricPolicy, counts: BlockCounts | CostCounts, { weight, share = weight }: Pick<ScrapeBlock, 'weight' | 'share'>, { fallen }: TrafficPlace): BlockCounts | undefined {
  const ratio = canaryPerStable(share);
  const saysNothing = fallen === 'Yes' || ratio === undefined || metric.unit === 'Event' || 'countsCanary' in counts || (metric.kind === 'Rate' && metric.direction === 'BothWays');
  return saysNothing ? undefined : { ...counts, nc: Math.max(counts.nc, mostRequests(counts.ns, ratio)) };
}

/** Requests of the canary to each of stable; undefined where one of both gets none, or users choose. */
function canaryPerStable(share: number): number | undefined {
  if (share < 0) return -share / 100;
  return share > 0 && share < 100 ? share / (100 - share) : undefined;
}

/** One more than was counted is expected of stable, or a block without any would say that none came. */
function mostRequests(stable: number, ratio: number): number {
  const expected = (stable + 1) * ratio;
  return Math.ceil(expected + deviations * Math.sqrt(expected * (1 + ratio)));
}
