import { Anthropic, APIConnectionTimeoutError, APIError } from '@anthropic-ai/sdk';
import { ModelError, type ModelFailure } from './model-error.ts';
import type { ProviderOptions } from './provider-options.ts';
import { modelErrorFrom, modelErrorFromUnknown } from './sdk-failure.ts';

const anthropicEndpoint = 'https://api.anthropic.com';

/** Of errors without a status of their own: within a stream, or of an entry of a batch. */
export const failureOfType: Readonly<Record<string, ModelFailure>> = { overloaded_error: 'overloaded', rate_limit_error: 'rate_limited', authentication_error: 'unauthorized', invalid_request_error: 'invalid_request' };

export function anthropicError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  if (error instanceof APIConnectionTimeoutError) return new ModelError('timeout', { cause: error });
  // An error within a stream has no status of its own, only a type.
  if (error instanceof APIError) return modelErrorFrom(error as APIError, failureOfType[error.type ?? ''] ?? 'unavailable');
  return modelErrorFromUnknown(error);
}

/** Retries and telemetry of the SDK are off: the runtime has its own. */
export function createAnthropicSdk(options: ProviderOptions): Anthropic {
  return new Anthropic({
    apiKey: async () => options.apiKey(),
    authToken: null,
    baseURL: options.endpoint ?? anthropicEndpoint,
    fetch: options.fetch,
    timeout: options.timeoutMilliseconds,
    maxRetries: 0,
    openTelemetry: false,
    logLevel: 'off',
  });
}
