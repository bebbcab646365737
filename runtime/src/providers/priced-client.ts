import type { ModelClient } from './model-client.ts';
import { costOf, type TokenPrice } from './token-price.ts';

/** Says of each reply what it cost, by the price of the model that gave it. */
export function createPricedClient(client: ModelClient, price: TokenPrice | undefined): ModelClient {
  if (price === undefined) return client;
  return {
    complete: async (request, complete) => {
      const reply = await client.complete(request, complete);
      return { ...reply, usage: { ...reply.usage, dollars: costOf(reply.usage, price) } };
    },
  };
}
