import { fromRedis, type RedisConnection } from '../redis/redis-connection.ts';
import type { Bus } from './bus.ts';
import { createSubscriptions } from './subscriptions.ts';

export interface RedisBusOptions {
  readonly redis: RedisConnection;
  readonly maximumSubscriptions: number;
  readonly onError: (error: unknown) => void;
}

/** Between all replicas, by one listening connection a process. */
export function createRedisBus({ redis, maximumSubscriptions, onError }: RedisBusOptions): Bus {
  const subscriptions = createSubscriptions(maximumSubscriptions);
  const listening = redis.listener();
  listening.on('message', (channel: string, message: string) => subscriptions.deliver(channel, message));
  const unsubscribe = async (channel: string): Promise<void> => {
    await listening.unsubscribe(channel).catch(onError);
  };
  return {
    publish: async (channel, message) => {
      await redis.attempt('publish', (client) => client.publish(redis.key('bus', channel), message)).catch(onError);
    },
    subscribe: async (name, listener) => {
      const channel = redis.key('bus', name);
      const own = (message: string): void => listener(message);
      subscriptions.add(channel, own);
      try {
        // Also for a further listener: it waits until the first one's is in force.
        await listening.subscribe(channel);
      } catch (error) {
        subscriptions.remove(channel, own);
        throw fromRedis(error);
      }
      return async () => {
        if (subscriptions.remove(channel, own) === 'last') await unsubscribe(channel);
      };
    },
  };
}
