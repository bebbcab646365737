import type { Clock } from '../platform/clock.ts';
import type { SessionLimits, SessionStore } from '../sessions/session-store.ts';
import { traceRedis } from '../telemetry/tracing/traced-redis.ts';
import type { Tracing } from '../telemetry/tracing/tracing.ts';
import { createMemoryBus } from './bus/memory-bus.ts';
import type { Bus } from './bus/bus.ts';
import type { Cache } from './cache/cache.ts';
import { createMemoryCache } from './cache/memory-cache.ts';
import { createMemoryRateLimiter } from './rate-limits/memory-rate-limiter.ts';
import type { RateLimiter } from './rate-limits/rate-limiter.ts';
import type { RedisConnection } from './redis/redis-connection.ts';

/** What replicas share for a while, or one process has by itself. */
export interface Shared {
  readonly cache: Cache;
  readonly rateLimiter: RateLimiter;
  readonly bus: Bus;
  /** Set where Redis keeps the sessions in the place of the database. */
  readonly sessions?: SessionStore;
  readonly close: () => void;
}

export interface SharedOptions {
  readonly clock: Clock;
  /** Told of what callers do not see: a cache or a limiter that is away. */
  readonly onError: (error: unknown) => void;
  /** Not set: nobody is told of commands of Redis. */
  readonly tracing?: Tracing | undefined;
  /** Not set: all stays in this process. */
  readonly redis?: { /** A secret. */ readonly url: string; readonly prefix: string; readonly sessions: 'redis' | 'database'; readonly sessionLimits?: Partial<SessionLimits> } | undefined;
}

const MAXIMUM_CACHE_ENTRIES = 10_000;
/** UTF-16 units: 32 MiB at most. */
const MAXIMUM_CACHE_LENGTH = 16 * 2 ** 20;
const MAXIMUM_CACHE_VALUE = 2 ** 20;
const MAXIMUM_RATE_KEYS = 100_000;
const MAXIMUM_SUBSCRIPTIONS = 20_000;

function createLocal(clock: Clock): Shared {
  return {
    cache: createMemoryCache({ clock, maximumEntries: MAXIMUM_CACHE_ENTRIES, maximumLength: MAXIMUM_CACHE_LENGTH }),
    rateLimiter: createMemoryRateLimiter({ clock, maximumKeys: MAXIMUM_RATE_KEYS }),
    bus: createMemoryBus(MAXIMUM_SUBSCRIPTIONS),
    close: () => {},
  };
}

/** The client of Redis is loaded only where one is used. It connects when something is first asked of it. */
export async function openShared({ clock, onError, tracing, redis }: SharedOptions): Promise<Shared> {
  const local = createLocal(clock);
  if (redis === undefined) return local;
  const [{ openRedis }, { createRedisCache }, { createRedisRateLimiter, withFallback }, { createRedisBus }, { createRedisSessionStore }] = await Promise.all([
    import('./redis/redis-connection.ts'),
    import('./cache/redis-cache.ts'),
    import('./rate-limits/redis-rate-limiter.ts'),
    import('./bus/redis-bus.ts'),
    import('../sessions/redis/redis-session-store.ts'),
  ]);
  const connection = openRedis(redis);
  const traced = (collection: 'cache' | 'rate_limits' | 'bus'): RedisConnection => (tracing === undefined ? connection : traceRedis(connection, collection, tracing));
  const sessions = redis.sessions === 'redis' ? { sessions: createRedisSessionStore({ redis: connection, ...(redis.sessionLimits === undefined ? {} : { limits: redis.sessionLimits }) }) } : {};
  return {
    cache: createRedisCache({ redis: traced('cache'), maximumValueLength: MAXIMUM_CACHE_VALUE, onError }),
    rateLimiter: withFallback(createRedisRateLimiter(traced('rate_limits')), local.rateLimiter, onError),
    bus: createRedisBus({ redis: traced('bus'), maximumSubscriptions: MAXIMUM_SUBSCRIPTIONS, onError }),
    ...sessions,
    close: connection.close,
  };
}
