import { anthropicReply, anthropicRequest } from './anthropic-messages.ts';
import { anthropicError, createAnthropicSdk } from './anthropic-sdk.ts';
import { assembleAnthropic } from './anthropic-stream.ts';
import type { ModelClient } from './model-client.ts';
import { cancelledBy } from './model-fetch.ts';
import type { ProviderOptions } from './provider-options.ts';

/** Anthropic's Messages API through its SDK. */
export function createAnthropicClient(options: ProviderOptions): ModelClient {
  const sdk = createAnthropicSdk(options);
  return {
    complete: async (request, { signal, onText, onUnseen }) => {
      const body = anthropicRequest(request, options.promptCaching);
      try {
        if (onText === undefined) return anthropicReply(await sdk.messages.create(body, { fetchOptions: cancelledBy(signal) }));
        return await assembleAnthropic(await sdk.messages.create({ ...body, stream: true }, { fetchOptions: cancelledBy(signal) }), { onText, onUnseen });
      } catch (error) {
        signal.throwIfAborted();
        throw anthropicError(error);
      }
    },
  };
}
