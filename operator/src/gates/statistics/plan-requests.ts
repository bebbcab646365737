import { bernoulliDivergence, requireBetween, StatisticsError, turningPoint } from '@sluice/statistics';
import { projectedRate } from './null-projection.ts';

export interface PlanInput {
  /** Bad rate of the stable revision; 0 to 1, exclusive. */
  readonly b: number;
  /** Margin as a share of the requests, above 0 and below 1 - b. */
  readonly delta: number;
  /** Stable requests to each canary request, above 0. */
  readonly stablePerCanary: number;
  readonly alpha: number;
  /** Share of the capital that bets from the first block, 0 to 1. */
  readonly w1: number;
}

/**
 * Canary requests after which a canary as good as stable has typically proven so, and the nats that each of them brings. A forecast:
 * half of the releases need more.
 */
export function planRequests({ b, delta, stablePerCanary, alpha, w1 }: PlanInput): { readonly growthPerCanaryRequest: number; readonly requests: number } {
  requireBetween('b', b, 0, 1);
  requireBetween('delta', delta, 0, 1 - b);
  requireBetween('alpha', alpha, 0, 1);
  if (!(stablePerCanary > 0 && stablePerCanary < Infinity && w1 > 0 && w1 <= 1)) {
    throw new StatisticsError(`stablePerCanary is ${stablePerCanary} and w1 is ${w1}; give a ratio above 0 and a share above 0 up to 1`);
  }
  const theta = projectedRate(b, b, 1, stablePerCanary, delta);
  const growth = bernoulliDivergence(b, theta + delta) + stablePerCanary * bernoulliDivergence(b, theta);
  return { growthPerCanaryRequest: growth, requests: Math.ceil(Math.log(1 / (alpha * w1)) / growth) };
}

/** The smallest margin that `requests` canary requests can be expected to decide; undefined when none below 1 - b can. */
export function smallestMargin({ requests, ...plan }: Omit<PlanInput, 'delta'> & { readonly requests: number }): number | undefined {
  const decides = (delta: number) => planRequests({ ...plan, delta }).requests <= requests;
  const [least, most] = [1e-5, (1 - plan.b) * 0.999];
  if (!decides(most)) return undefined;
  return decides(least) ? least : turningPoint(least, most, decides);
}
