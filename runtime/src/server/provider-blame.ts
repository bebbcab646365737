import type { Clock } from '../platform/clock.ts';
import type { ModelTry } from '../providers/model-client.ts';
import { isUnavailability, ModelError } from '../providers/model-error.ts';
import { RequestTimeout } from './problem.ts';

/** A request that waits for one answer of the provider for this share of its time limit has no time left because of the provider. */
const longWaitShare = 0.5;

/** Follows the model calls of one request, to tell whether its end is the provider's fault. */
export interface ProviderBlame {
  readonly onModelTry: (event: ModelTry) => void;
  /** Whether the request ended with `error` because the provider could not be reached or refused to serve. */
  readonly causes: (error: unknown) => boolean;
}

export function followProvider(clock: Clock, requestTimeoutMilliseconds: number): ProviderBlame {
  let begunAt: number | undefined;
  let retrying: 'yes' | 'no' = 'no';
  const isWaiting = (): boolean => begunAt !== undefined && clock.now() - begunAt >= longWaitShare * requestTimeoutMilliseconds;
  return {
    onModelTry: (event) => {
      begunAt = event === 'begun' ? clock.now() : undefined;
      if (event === 'unavailable') retrying = 'yes';
      if (event === 'answered') retrying = 'no';
    },
    causes: (error) => {
      if (error instanceof ModelError) return isUnavailability(error);
      return error instanceof RequestTimeout && (retrying === 'yes' || isWaiting());
    },
  };
}
