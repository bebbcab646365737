import type { CompleteOptions, ModelClient, ModelReply, ModelRequest } from '../../providers/model-client.ts';
import type { TargetModel } from '../../providers/model-target.ts';
import { secondsSince, type Instruments } from './instruments.ts';
import type { SpanAttributes } from './names.ts';
import { errorType } from './tracing.ts';

/** Names of providers, as the convention lists them. */
export function providerName({ kind }: TargetModel['provider']): string {
  return kind.toLowerCase();
}

/** Who is asked, as it is told. */
interface Asked {
  readonly provider: string;
  readonly address: string | undefined;
}

function askedAttributes({ provider, address }: Asked, { settings }: ModelRequest): SpanAttributes {
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': provider,
    'gen_ai.request.model': settings.name,
    'gen_ai.request.max_tokens': settings.maxOutputTokens,
    'gen_ai.request.temperature': settings.temperature,
    'gen_ai.request.top_p': settings.topP,
    'server.address': address,
  };
}

function replyAttributes({ stop, usage }: ModelReply): SpanAttributes {
  return {
    'gen_ai.response.finish_reasons': [stop],
    'gen_ai.usage.input_tokens': usage.inputTokens,
    'gen_ai.usage.output_tokens': usage.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage.cachedInputTokens,
    'gen_ai.usage.cache_creation.input_tokens': usage.cacheWriteTokens,
    'sluice.cost_dollars': usage.dollars,
  };
}

/** Tells of each call of one model: its time with all tries, its tokens, and when its first text came. Never what was said. */
export function traceModel(client: ModelClient, { provider }: TargetModel, { tracing, record, clock }: Instruments): ModelClient {
  const asked: Asked = { provider: providerName(provider), address: provider.endpoint === undefined ? undefined : new URL(provider.endpoint).hostname };
  const complete = async (request: ModelRequest, options: CompleteOptions, labels: Readonly<Record<string, string>>): Promise<ModelReply> => {
    const started = clock.now();
    let first: 'awaited' | 'came' = 'awaited';
    const { onText } = options;
    const onFirst = (text: string): void => {
      if (first === 'awaited') record('gen_ai.client.operation.time_to_first_chunk', secondsSince(clock, started), labels);
      first = 'came';
      onText?.(text);
    };
    try {
      const reply = await client.complete(request, { ...options, onText: onText && onFirst });
      record('gen_ai.client.operation.duration', secondsSince(clock, started), labels);
      record('gen_ai.client.token.usage', reply.usage.inputTokens, { ...labels, 'gen_ai.token.type': 'input' });
      record('gen_ai.client.token.usage', reply.usage.outputTokens, { ...labels, 'gen_ai.token.type': 'output' });
      return reply;
    } catch (error) {
      record('gen_ai.client.operation.duration', secondsSince(clock, started), { ...labels, 'error.type': errorType(error) });
      throw error;
    }
  };
  return {
    complete: async (request, options) => {
      const labels = { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': asked.provider, 'gen_ai.request.model': request.settings.name };
      return await tracing.within({ span: 'model', attributes: askedAttributes(asked, request) }, async (span) => {
        const reply = await complete(request, options, labels);
        span.set(replyAttributes(reply));
        return reply;
      });
    },
  };
}
