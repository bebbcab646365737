import type { Clock } from '../../platform/clock.ts';
import { remember } from '../../platform/remember.ts';
import { decideRate } from './decide-rate.ts';
import type { RateLimiter } from './rate-limiter.ts';

/** Of this process alone. Beyond `maximumKeys` the key that was used longest ago is forgotten, which is in its favour. */
export function createMemoryRateLimiter({ clock, maximumKeys }: { readonly clock: Clock; readonly maximumKeys: number }): RateLimiter & { readonly size: () => number } {
  const buckets = new Map<string, number>();
  return {
    size: () => buckets.size,
    take: async (key, rule, cost = 1) => {
      const { decision, fullAt } = decideRate(buckets.get(key), { now: clock.now(), rule, cost });
      remember(buckets, key, fullAt, maximumKeys);
      return decision;
    },
  };
}
