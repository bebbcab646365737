import { inputTokensOf } from '../budgets/estimate.ts';
import { listenTo, spentUnanswered, type Unanswered } from '../budgets/unanswered.ts';
import type { ModelClient, TokenUsage } from './model-client.ts';
import { costOf, type TokenPrice } from './token-price.ts';

function priced(usage: TokenUsage, price: TokenPrice | undefined): TokenUsage {
  return price === undefined ? usage : { ...usage, dollars: costOf(usage, price) };
}

/** Of a call of which nobody knows what came of it, its input was read at least. */
function estimated(call: Unanswered): TokenUsage | undefined {
  const spent = spentUnanswered(call);
  if (spent === 'unknown') return { inputTokens: inputTokensOf(call.request), outputTokens: 0 };
  return spent === 'nothing' ? undefined : spent;
}

/** Says of each reply what it cost, by the price of the model that gave it; and of a call that ends without one, as `onSpent`, what it may have cost. */
export function createAccountedClient(client: ModelClient, price: TokenPrice | undefined): ModelClient {
  return {
    complete: async (request, complete) => {
      const { onSpent, signal } = complete;
      const shown = listenTo(complete);
      let accounted: 'no' | 'yes' = onSpent === undefined ? 'yes' : 'no';
      const account = (error: unknown): void => {
        if (accounted === 'yes') return;
        accounted = 'yes';
        const usage = estimated({ error, request, told: shown.told, unseen: shown.unseen });
        if (usage !== undefined) onSpent?.(priced(usage, price));
      };
      // At once: whoever waits for the request counts it as soon as its signal aborts.
      const onAbort = (): void => account(signal.reason);
      if (accounted === 'no') signal.addEventListener('abort', onAbort, { once: true });
      try {
        const reply = await client.complete(request, { ...complete, onText: shown.onText, onUnseen: shown.onUnseen });
        return price === undefined ? reply : { ...reply, usage: priced(reply.usage, price) };
      } catch (error) {
        account(error);
        throw error;
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}
