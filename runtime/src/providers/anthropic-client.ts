import { Anthropic, APIConnectionTimeoutError, APIError } from '@anthropic-ai/sdk';
import { anthropicReply, anthropicRequest } from './anthropic-messages.ts';
import { assembleAnthropic } from './anthropic-stream.ts';
import type { ModelClient } from './model-client.ts';
import { ModelError, type ModelFailure } from './model-error.ts';
import type { ProviderOptions } from './provider-options.ts';
import { modelErrorFrom, modelErrorFromUnknown } from './sdk-failure.ts';

const anthropicEndpoint = 'https://api.anthropic.com';

const failureOfType: Readonly<Record<string, ModelFailure>> = { overloaded_error: 'overloaded', rate_limit_error: 'rate_limited', authentication_error: 'unauthorized', invalid_request_error: 'invalid_request' };

function asModelError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  if (error instanceof APIConnectionTimeoutError) return new ModelError('timeout', { cause: error });
  // An error within a stream has no status of its own, only a type.
  if (error instanceof APIError) return modelErrorFrom(error as APIError, failureOfType[error.type ?? ''] ?? 'unavailable');
  return modelErrorFromUnknown(error);
}

/** Anthropic's Messages API through its SDK. Retries and telemetry of the SDK are off: the runtime has its own. */
export function createAnthropicClient(options: ProviderOptions): ModelClient {
  const sdk = new Anthropic({
    apiKey: async () => options.apiKey(),
    authToken: null,
    baseURL: options.endpoint ?? anthropicEndpoint,
    fetch: options.fetch,
    timeout: options.timeoutMilliseconds,
    maxRetries: 0,
    openTelemetry: false,
    logLevel: 'off',
  });
  return {
    complete: async (request, { signal, onText }) => {
      const body = anthropicRequest(request, options.promptCaching);
      try {
        if (onText === undefined) return anthropicReply(await sdk.messages.create(body, { signal }));
        return await assembleAnthropic(await sdk.messages.create({ ...body, stream: true }, { signal }), onText);
      } catch (error) {
        signal.throwIfAborted();
        throw asModelError(error);
      }
    },
  };
}
