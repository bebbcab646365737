import type { Bus } from './bus.ts';
import { createSubscriptions } from './subscriptions.ts';

/** Within this process. */
export function createMemoryBus(maximumSubscriptions: number): Bus {
  const subscriptions = createSubscriptions(maximumSubscriptions);
  return {
    publish: async (channel, message) => subscriptions.deliver(channel, message),
    subscribe: async (channel, listener) => {
      // Two subscriptions of one function are two.
      const own = (message: string): void => listener(message);
      subscriptions.add(channel, own);
      return async () => void subscriptions.remove(channel, own);
    },
  };
}
