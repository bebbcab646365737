import type { Clock } from '../platform/clock.ts';
import type { CompleteOptions, ModelClient, ModelReply, ModelRequest, TokenUsage } from './model-client.ts';
import type { RetryBudget } from './retry-budget.ts';

export interface HedgeOptions {
  readonly clock: Clock;
  /** How long the first call may be silent, in milliseconds. */
  readonly afterMilliseconds: number;
  /** A second call is one more for a provider that is slow as it is, so it is taken out of what retries may take. */
  readonly retryBudget: Pick<RetryBudget, 'take'>;
  /** Told when a second call is made. */
  readonly onHedge?: (() => void) | undefined;
}

class Superseded extends Error {
  override readonly name = 'Superseded';
}

/** The first reply of two calls; the error of the first call when both fail. The other call is cut as soon as one has its reply. */
async function race(client: ModelClient, request: ModelRequest, complete: CompleteOptions, { clock, afterMilliseconds, retryBudget, onHedge }: HedgeOptions): Promise<ModelReply> {
  const over = new AbortController();
  const signal = AbortSignal.any([complete.signal, over.signal]);
  let running = 0;
  // A call that is cut at the end is told of there.
  const onSpent = (usage: TokenUsage): void => {
    if (!over.signal.aborted) complete.onSpent?.(usage);
  };
  const call = async (): Promise<ModelReply> => {
    running += 1;
    try {
      return await client.complete(request, { ...complete, signal, onSpent });
    } finally {
      running -= 1;
    }
  };
  const second = Promise.withResolvers<ModelReply>();
  let hedged: 'no' | 'yes' = 'no';
  const cancel = clock.after(afterMilliseconds, () => {
    if (retryBudget.take() === 'exhausted') return;
    hedged = 'yes';
    onHedge?.();
    call().then(second.resolve, second.reject);
  });
  const first = call();
  // A first call that fails before its time needs no second one: whether to try again is decided elsewhere. One that is under way may still answer.
  first.catch((error: unknown) => {
    cancel();
    if (hedged === 'no') second.reject(error);
  });
  second.promise.catch(() => {});
  try {
    const reply = await Promise.any([first, second.promise]);
    // Nobody will say what the other one cost: it was asked the same, and providers go on with what nobody waits for.
    if (running > 0) complete.onSpent?.(reply.usage);
    return reply;
  } catch (error) {
    complete.signal.throwIfAborted();
    throw error instanceof AggregateError ? error.errors[0] : error;
  } finally {
    cancel();
    over.abort(new Superseded());
  }
}

/** Makes a second call beside one that is slow. Calls that tell their text as it comes are left alone: two texts cannot be told as one. */
export function createHedgedClient(client: ModelClient, options: HedgeOptions): ModelClient {
  return { complete: async (request, complete) => (complete.onText === undefined ? await race(client, request, complete, options) : await client.complete(request, complete)) };
}
