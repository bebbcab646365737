import { Histogram, type Registry } from 'prom-client';
import type { TokenUsage } from '../providers/model-client.ts';
import { costOf, type TokenPrice } from '../providers/token-price.ts';
import type { Traffic } from './traffic.ts';

/**
 * Dollars. A comparison takes the mean from the exact sum and from these the spread only, so they need not be finer than this (decision
 * record 34); 40 with infinity are read. The same for every revision, because histograms can only be compared at edges that both have.
 */
export const costBuckets = [
  0.00003, 0.0001, 0.000125, 0.00016, 0.0002, 0.00025, 0.000315, 0.0004, 0.0005, 0.00063, 0.0008,
  0.001, 0.00125, 0.0016, 0.002, 0.0025, 0.00315, 0.004, 0.005, 0.0063, 0.008,
  0.01, 0.0125, 0.016, 0.02, 0.025, 0.0315, 0.04, 0.05, 0.063, 0.08,
  0.1, 0.16, 0.25, 0.4, 0.63, 1, 3.15, 10,
] as const;

/** Without a price nothing is observed and there is no histogram: a cost of 0 would be a lie. */
export function createCostMetrics(registry: Registry, { prefix, what }: Traffic, price: TokenPrice | undefined): (usage: TokenUsage | undefined) => void {
  if (price === undefined) return () => {};
  const cost = new Histogram({ name: `${prefix}request_cost_dollars`, help: `${what}: what the tokens of one request cost, failed ones included; without rejected ones.`, buckets: [...costBuckets], registers: [registry] });
  return (usage) => cost.observe(usage === undefined ? 0 : (usage.dollars ?? costOf(usage, price)));
}
