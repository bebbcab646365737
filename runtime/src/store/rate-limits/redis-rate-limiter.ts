import type { WallClock } from '../../platform/wall-clock.ts';
import { redisScript, type RedisConnection } from '../redis/redis-connection.ts';
import { StoreError } from '../store-error.ts';
import type { RateDecision, RateLimiter, RateRule } from './rate-limiter.ts';

/** The server's time when none is given, in milliseconds with fractions; numbers come back as text, as replies are cut to whole ones. */
const takeScript = redisScript('take', `
local now = tonumber(ARGV[4])
if now == nil then local t = redis.call('TIME') now = t[1] * 1000 + t[2] / 1000 end
local burst, window, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full = tonumber(redis.call('GET', KEYS[1]) or now)
if full < now then full = now end
local after = full + cost * window / burst
local wait = after - window - now
if wait <= 0 then
  full = after
  redis.call('SET', KEYS[1], string.format('%.3f', full), 'PX', math.ceil(window) + 1000)
end
return { wait <= 0 and 1 or 0, string.format('%.3f', full - now), string.format('%.3f', wait) }
`);

function toDecision(reply: unknown, rule: RateRule, cost: number): RateDecision {
  const [allowed, reset, wait] = Array.isArray(reply) ? reply.map(Number) : [];
  if (allowed === undefined || reset === undefined || wait === undefined) throw new StoreError('corrupt', 'Redis gave no decision on a rate');
  const remaining = Math.max(0, Math.floor(((rule.windowMs - reset) * rule.burst) / rule.windowMs + 1e-6));
  const retryAfterMs = allowed === 1 ? 0 : cost > rule.burst ? Number.POSITIVE_INFINITY : wait;
  return { outcome: allowed === 1 ? 'allowed' : 'limited', remaining, resetMs: reset, retryAfterMs };
}

/** One limit for all replicas. Throws StoreError: see `withFallback`. */
export function createRedisRateLimiter(redis: RedisConnection, clock?: WallClock): RateLimiter {
  return {
    take: async (key, rule, cost = 1) => toDecision(await redis.script(takeScript, [redis.key('rate', key)], [rule.burst, rule.windowMs, cost, clock?.now() ?? '']), rule, cost),
  };
}

/** Limits each replica by itself while the shared limiter cannot be reached: neither without a limit nor without service. */
export function withFallback(shared: RateLimiter, local: RateLimiter, onError: (error: unknown) => void): RateLimiter {
  return {
    take: async (key, rule, cost) => {
      try {
        return await shared.take(key, rule, cost);
      } catch (error) {
        onError(error);
        return local.take(key, rule, cost);
      }
    },
  };
}
