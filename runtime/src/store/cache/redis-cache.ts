import type { RedisConnection } from '../redis/redis-connection.ts';
import type { Cache } from './cache.ts';

export interface RedisCacheOptions {
  readonly redis: RedisConnection;
  /** UTF-16 units of one value; a longer one is not kept. */
  readonly maximumValueLength: number;
  /** Told of what a caller does not see. */
  readonly onError: (error: unknown) => void;
}

/** Of all replicas. The server's maxmemory bounds it. */
export function createRedisCache({ redis, maximumValueLength, onError }: RedisCacheOptions): Cache {
  const quiet = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      onError(error);
      return undefined;
    }
  };
  const name = (key: string): string => redis.key('cache', key);
  return {
    get: async (key) => (await quiet(() => redis.attempt('get', (client) => client.get(name(key))))) ?? undefined,
    set: async (key, value, ttlMs) => {
      if (value.length > maximumValueLength || ttlMs < 1) return;
      await quiet(() => redis.attempt('set', (client) => client.set(name(key), value, 'PX', Math.ceil(ttlMs))));
    },
    delete: async (key) => {
      await quiet(() => redis.attempt('delete', (client) => client.del(name(key))));
    },
  };
}
