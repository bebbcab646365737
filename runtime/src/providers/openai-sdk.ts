import { APIConnectionTimeoutError, APIError, OpenAI } from 'openai';
import { ModelError } from './model-error.ts';
import type { OutputLimitField } from './openai-messages.ts';
import type { ProviderOptions } from './provider-options.ts';
import { keepRequest } from './kept-request.ts';
import { modelErrorFrom, modelErrorFromUnknown } from './sdk-failure.ts';

const openAiEndpoint = 'https://api.openai.com/v1';

export function openAiError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  if (error instanceof APIConnectionTimeoutError) return new ModelError('timeout', { cause: error });
  if (error instanceof APIError) return modelErrorFrom(error as APIError, 'unavailable');
  return modelErrorFromUnknown(error);
}

export function limitFieldOf({ endpoint }: ProviderOptions): OutputLimitField {
  return endpoint === undefined ? 'max_completion_tokens' : 'max_tokens';
}

/** Retries of the SDK are off: the runtime has its own. */
export function createOpenAiSdk(options: ProviderOptions): OpenAI {
  const sdk = new OpenAI({
    apiKey: async () => options.apiKey(),
    organization: null,
    project: null,
    baseURL: options.endpoint ?? openAiEndpoint,
    fetch: options.fetch,
    timeout: options.timeoutMilliseconds,
    maxRetries: 0,
    logLevel: 'off',
  });
  sdk.buildRequest = keepRequest(sdk.buildRequest.bind(sdk), { path: '/chat/completions', key: options.apiKey });
  return sdk;
}
