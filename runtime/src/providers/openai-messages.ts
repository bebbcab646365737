import type OpenAI from 'openai';
import { ModelError } from './model-error.ts';
import type { ModelFormat, ModelMessage, ModelReply, ModelRequest, ModelTool, TokenUsage } from './model-client.ts';
import { argumentsOf, textOf, wordOf } from './reply-values.ts';
import { countOf, noTokens, usageOf } from './token-usage.ts';
import { wellFormed } from './well-formed.ts';

type Chat = OpenAI.Chat.Completions.ChatCompletionMessageParam;

function messagesFor(message: ModelMessage): Chat[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: message.text }];
    case 'assistant': {
      const calls = message.toolCalls.map((call) => ({ id: call.id, type: 'function' as const, function: { name: call.name, arguments: call.argumentsJson } }));
      return [{ role: 'assistant', content: message.text === '' ? null : message.text, ...(calls.length === 0 ? {} : { tool_calls: calls }) }];
    }
    case 'tools':
      // The format has no mark for a failed call, so the content says it.
      return message.results.map((result) => ({ role: 'tool', tool_call_id: result.callId, content: result.outcome === 'failed' ? `Error: ${result.content}` : result.content }));
  }
}

function toolFor(tool: ModelTool): OpenAI.Chat.Completions.ChatCompletionTool {
  return { type: 'function', function: { name: tool.name, description: tool.description, parameters: { ...tool.parameters } } };
}

function formatFor(format: ModelFormat): OpenAI.ResponseFormatJSONObject | OpenAI.ResponseFormatJSONSchema {
  if (format.kind === 'object') return { type: 'json_object' };
  const { name, description, schema, strict } = format;
  return { type: 'json_schema', json_schema: { name, schema: { ...schema }, ...(description === undefined ? {} : { description }), ...(strict === undefined ? {} : { strict }) } };
}

/** OpenAI's own models want max_completion_tokens; servers that copy the format know max_tokens best. */
export type OutputLimitField = 'max_completion_tokens' | 'max_tokens';

export function openAiRequest(request: ModelRequest, limitField: OutputLimitField): OpenAI.Chat.Completions.ChatCompletionCreateParamsNonStreaming {
  const { name, temperature, topP, maxOutputTokens } = request.settings;
  const { system, messages } = wellFormed(request);
  return {
    model: name,
    messages: [{ role: 'system', content: system }, ...messages.flatMap(messagesFor)],
    [limitField]: maxOutputTokens,
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(toolFor) }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(request.format === undefined ? {} : { response_format: formatFor(request.format) }),
  };
}

/** Some servers end a turn that has tool calls with "stop", so the calls decide. */
export function stopOf(reason: string | null, toolCalls: readonly unknown[]): ModelReply['stop'] {
  if (reason === 'length') return 'length';
  if (reason === 'content_filter') return 'refused';
  return toolCalls.length > 0 ? 'tools' : 'end';
}

/** This wire counts what came from the cache as a part of the input. Servers that copy it leave the details out. */
export function openAiUsage(usage: OpenAI.CompletionUsage | null | undefined): TokenUsage {
  return usage ? usageOf({ input: countOf(usage.prompt_tokens), output: countOf(usage.completion_tokens), cached: countOf(usage.prompt_tokens_details?.cached_tokens) }) : noTokens;
}

export function openAiReply(completion: OpenAI.Chat.Completions.ChatCompletion): ModelReply {
  const choice = Array.isArray(completion.choices) ? completion.choices[0] : undefined;
  if (choice?.message === undefined) throw new ModelError('invalid_reply');
  const toolCalls = (choice.message.tool_calls ?? []).flatMap((call) => (call.type === 'function' ? [{ id: wordOf(call.id), name: wordOf(call.function.name), argumentsJson: argumentsOf(call.function.arguments) }] : []));
  const refused = typeof choice.message.refusal === 'string' && choice.message.refusal !== '';
  return {
    text: textOf(choice.message.content),
    toolCalls,
    stop: refused ? 'refused' : stopOf(choice.finish_reason, toolCalls),
    usage: openAiUsage(completion.usage),
  };
}
