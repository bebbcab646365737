import { APIConnectionTimeoutError, APIError, OpenAI } from 'openai';

import type { ModelClient } from './model-client.ts';
import { ModelError } from './model-error.ts';
import { openAiReply, openAiRequest } from './openai-messages.ts';
import { assembleOpenAi } from './openai-stream.ts';
import type { ProviderOptions } from './provider-options.ts';
import { modelErrorFrom, modelErrorFromUnknown } from './sdk-failure.ts';

const openAiEndpoint = 'https://api.openai.com/v1';

function asModelError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  if (error instanceof APIConnectionTimeoutError) return new ModelError('timeout', { cause: error });
  if (error instanceof APIError) return modelErrorFrom(error as APIError, 'unavailable');
  return modelErrorFromUnknown(error);
}

/** OpenAI's Chat Completions, and every server that speaks it, through the SDK. Retries of the SDK are off: the runtime has its own. */
export function createOpenAiClient(options: ProviderOptions): ModelClient {
  const limitField = options.endpoint === undefined ? 'max_completion_tokens' : 'max_tokens';
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
  return {
    complete: async (request, { signal, onText }) => {
      const body = openAiRequest(request, limitField);
      try {
        if (onText === undefined) return openAiReply(await sdk.chat.completions.create(body, { signal }));
        const chunks = await sdk.chat.completions.create({ ...body, stream: true, stream_options: { include_usage: true } }, { signal });
        return await assembleOpenAi(chunks, onText);
      } catch (error) {
        signal.throwIfAborted();
        throw asModelError(error);
      }
    },
  };
}
