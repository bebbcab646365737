import type { RedisConnection } from '../../store/redis/redis-connection.ts';
import type { Tracing } from './tracing.ts';

/**
 * Tells of each command of one thing that replicas share, by its name. Commands and not what is made of them: a cache and a limiter go on
 * without their server, so only here is seen that it failed. Sessions are told of as the rest of what is kept, whatever keeps it.
 */
export function traceRedis(redis: RedisConnection, collection: 'cache' | 'rate_limits' | 'bus', tracing: Tracing): RedisConnection {
  if (tracing.state === 'off') return redis;
  const within = async <T>(operation: string, work: () => Promise<T>): Promise<T> =>
    await tracing.within({ span: 'store', attributes: { 'db.system.name': 'redis', 'db.collection.name': collection, 'db.operation.name': operation } }, work);
  return {
    ...redis,
    attempt: (operation, work) => within(operation, () => redis.attempt(operation, work)),
    script: (script, keys, parameters) => within(script.operation, () => redis.script(script, keys, parameters)),
  };
}
