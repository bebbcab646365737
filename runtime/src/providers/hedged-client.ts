import type { Clock } from '../platform/clock.ts';
import type { CompleteOptions, ModelClient, ModelReply, ModelRequest } from './model-client.ts';

export interface HedgeOptions {
  readonly clock: Clock;
  /** How long the first call may be silent, in milliseconds. */
  readonly afterMilliseconds: number;
  /** Told when a second call is made. */
  readonly onHedge?: (() => void) | undefined;
}

class Superseded extends Error {
  override readonly name = 'Superseded';
}

/** The first reply of two calls; the error of the first call when both fail. The other call is cut as soon as one has its reply. */
async function race(client: ModelClient, request: ModelRequest, complete: CompleteOptions, { clock, afterMilliseconds, onHedge }: HedgeOptions): Promise<ModelReply> {
  const over = new AbortController();
  const signal = AbortSignal.any([complete.signal, over.signal]);
  const call = (): Promise<ModelReply> => client.complete(request, { ...complete, signal });
  const second = Promise.withResolvers<ModelReply>();
  const cancel = clock.after(afterMilliseconds, () => {
    onHedge?.();
    call().then(second.resolve, second.reject);
  });
  const first = call();
  // A first call that fails before its time needs no second one: whether to try again is decided elsewhere.
  first.catch((error: unknown) => {
    cancel();
    second.reject(error);
  });
  second.promise.catch(() => {});
  try {
    return await Promise.any([first, second.promise]);
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
