import type Anthropic from '@anthropic-ai/sdk';
import { ModelError } from './model-error.ts';
import type { ModelMessage, ModelReply, ModelRequest, ModelTool, ModelToolCall } from './model-client.ts';

/** The input of a call must be an object; text that is none was refused by the tool already and is shown to the model as such. */
function inputOf(call: ModelToolCall): Record<string, unknown> {
  try {
    const value = JSON.parse(call.argumentsJson) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
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

export function anthropicRequest(request: ModelRequest): Anthropic.MessageCreateParamsNonStreaming {
  return {
    model: request.settings.name,
    max_tokens: request.settings.maxOutputTokens,
    system: request.system,
    messages: request.messages.map(messageFor),
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(toolFor) }),
    ...sampling(request),
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

export function anthropicReply(message: Anthropic.Message): ModelReply {
  if (!Array.isArray(message.content)) throw new ModelError('invalid_reply');
  const text = message.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('');
  const toolCalls = message.content.flatMap((block) => (block.type === 'tool_use' ? [{ id: block.id, name: block.name, argumentsJson: JSON.stringify(block.input ?? {}) }] : []));
  return { text, toolCalls, stop: stopOf(message.stop_reason), usage: { inputTokens: message.usage.input_tokens, outputTokens: message.usage.output_tokens } };
}
