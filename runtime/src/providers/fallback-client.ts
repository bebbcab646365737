import type { CompleteOptions, ModelClient, ModelReply, ModelRequest } from './model-client.ts';
import { ModelError } from './model-error.ts';
import { listenAlong } from './told-text.ts';

/** A model that can be asked, with its provider behind it. */
export interface ModelTarget {
  /** Names it in metrics: `primary`, `fallback-1`, or the name of a tier. */
  readonly label: string;
  readonly client: ModelClient;
}

/** A request that one model does not accept is not accepted by another either, or is wrong in what the agent does. */
function mayAnother(error: unknown): error is ModelError {
  return error instanceof ModelError && error.failure !== 'invalid_request';
}

/** Asks each model in turn, until one answers. The error is that of the first. Text that was told ends it: another model would begin anew. */
export function createFallbackClient(targets: readonly [ModelTarget, ...ModelTarget[]], onAnswer: (label: string) => void): ModelClient {
  return {
    complete: async (request: ModelRequest, complete: CompleteOptions): Promise<ModelReply> => {
      const told = listenAlong(complete.onText);
      let first: ModelError | undefined;
      for (const { client, label } of targets) {
        try {
          const reply = await client.complete(request, { ...complete, onText: told.onText });
          onAnswer(label);
          return reply;
        } catch (error) {
          complete.signal.throwIfAborted();
          if (!mayAnother(error) || told.any()) throw error;
          first ??= error;
        }
      }
      throw first ?? new ModelError('unavailable');
    },
  };
}
