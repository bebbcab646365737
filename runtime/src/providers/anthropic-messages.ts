import type Anthropic from '@anthropic-ai/sdk';
import { isJsonObject } from '../platform/json-object.ts';
import { ModelError } from './model-error.ts';
import { textOf, wordOf } from './reply-values.ts';
import { countOf, usageOf } from './token-usage.ts';
import type { ModelFormat, ModelMessage, ModelReply, ModelRequest, ModelTool, ModelToolCall, TokenUsage } from './model-client.ts';
import { wellFormed } from './well-formed.ts';

/** The input of a call must be an object; text that is none was refused by the tool already and is shown to the model as such. */
function inputOf(call: ModelToolCall): Record<string, unknown> {
  try {
    const value = JSON.parse(call.argumentsJson) as unknown;
    return isJsonObject(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

function messageFor(message: ModelMessage): Anthropic.MessageParam {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: message.text };
    case 'assistant': {
      const text: Anthropic.ContentBlockParam[] = message.text === '' ? [] : [{ type: 'text', text: message.text }];
      return { role: 'assistant', content: [...text, ...message.toolCalls.map((call) => ({ type: 'tool_use' as const, id: call.id, name: call.name, input: inputOf(call) }))] };
    }
    case 'tools':
      return {
        role: 'user',
        content: message.results.map((result) => ({ type: 'tool_result' as const, tool_use_id: result.callId, content: result.content, is_error: result.outcome === 'failed' })),
      };
  }
}

function toolFor(tool: ModelTool): Anthropic.Tool {
  return { name: tool.name, description: tool.description, input_schema: { ...tool.parameters, type: 'object' } };
}

/** Temperature and top_p are sent as they are configured: the newest models refuse them, older ones need them. */
function sampling(request: ModelRequest): { temperature?: number; top_p?: number } {
  const { temperature, topP } = request.settings;
  return { ...(temperature === undefined ? {} : { temperature }), ...(topP === undefined ? {} : { top_p: topP }) };
}

/** Kept for five minutes from the last use. */
const kept: Anthropic.CacheControlEphemeral = { type: 'ephemeral' };

/** A mark at the end of the conversation: the next turn begins with all of it. */
function withMark(messages: readonly Anthropic.MessageParam[]): Anthropic.MessageParam[] {
  const last = messages.at(-1);
  if (last === undefined) return [];
  const blocks: Anthropic.ContentBlockParam[] = typeof last.content === 'string' ? [{ type: 'text', text: last.content }] : [...last.content];
  const block = blocks.at(-1);
  if (block === undefined) return [...messages];
  const marked = { ...block, cache_control: kept } as Anthropic.ContentBlockParam;
  return [...messages.slice(0, -1), { ...last, content: [...blocks.slice(0, -1), marked] } as Anthropic.MessageParam];
}

/** The mark at the prompt is one for the tools too, which come before it. */
function conversation(request: ModelRequest, caching: 'Automatic' | 'Off'): Pick<Anthropic.MessageCreateParamsNonStreaming, 'system' | 'messages'> {
  const { system, messages: said } = wellFormed(request);
  const messages = said.map(messageFor);
  if (caching === 'Off') return { system, messages };
  return { system: [{ type: 'text', text: system, cache_control: kept }], messages: withMark(messages) };
}

/** This wire knows schemas alone, and says nothing of a plain object. */
function outputConfig(format: ModelFormat | undefined): Pick<Anthropic.MessageCreateParamsNonStreaming, 'output_config'> {
  return format?.kind === 'schema' ? { output_config: { format: { type: 'json_schema', schema: { ...format.schema } } } } : {};
}

export function anthropicRequest(request: ModelRequest, caching: 'Automatic' | 'Off' = 'Off'): Anthropic.MessageCreateParamsNonStreaming {
  return {
    model: request.settings.name,
    max_tokens: request.settings.maxOutputTokens,
    ...conversation(request, caching),
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(toolFor) }),
    ...sampling(request),
    ...outputConfig(request.format),
  };
}

export function stopOf(reason: string | null): ModelReply['stop'] {
  switch (reason) {
    case 'tool_use':
      return 'tools';
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length';
    case 'refusal':
      return 'refused';
    default:
      return 'end';
  }
}

/** This wire counts what came from the cache, or went into it, apart from the input. */
export function anthropicUsage(usage: Pick<Anthropic.Usage, 'input_tokens' | 'output_tokens' | 'cache_read_input_tokens' | 'cache_creation_input_tokens'>): TokenUsage {
  const [cached, written] = [countOf(usage.cache_read_input_tokens), countOf(usage.cache_creation_input_tokens)];
  return usageOf({ input: countOf(usage.input_tokens) + cached + written, output: countOf(usage.output_tokens), cached, written });
}

export function anthropicReply(message: Anthropic.Message): ModelReply {
  if (!Array.isArray(message.content)) throw new ModelError('invalid_reply');
  const text = message.content.flatMap((block) => (block.type === 'text' ? [textOf(block.text)] : [])).join('');
  const toolCalls = message.content.flatMap((block) => (block.type === 'tool_use' ? [{ id: wordOf(block.id), name: wordOf(block.name), argumentsJson: JSON.stringify(block.input ?? {}) }] : []));
  return { text, toolCalls, stop: stopOf(message.stop_reason), usage: anthropicUsage(message.usage) };
}
