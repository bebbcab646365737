import type { ModelClient } from './model-client.ts';
import { cancelledBy } from './model-fetch.ts';
import { openAiReply, openAiRequest } from './openai-messages.ts';
import { createOpenAiSdk, limitFieldOf, openAiError } from './openai-sdk.ts';
import { assembleOpenAi } from './openai-stream.ts';
import type { ProviderOptions } from './provider-options.ts';

/** OpenAI's Chat Completions, and every server that speaks it, through the SDK. */
export function createOpenAiClient(options: ProviderOptions): ModelClient {
  const sdk = createOpenAiSdk(options);
  const limitField = limitFieldOf(options);
  return {
    complete: async (request, { signal, onText, onUnseen }) => {
      const body = openAiRequest(request, limitField);
      try {
        if (onText === undefined) return openAiReply(await sdk.chat.completions.create(body, { fetchOptions: cancelledBy(signal) }));
        const chunks = await sdk.chat.completions.create({ ...body, stream: true, stream_options: { include_usage: true } }, { fetchOptions: cancelledBy(signal) });
        return await assembleOpenAi(chunks, { onText, onUnseen });
      } catch (error) {
        signal.throwIfAborted();
        throw openAiError(error);
      }
    },
  };
}
