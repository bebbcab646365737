import type { IncomingHttpHeaders } from 'node:http';
import { WireError, type ParsedCall } from '../dialect.ts';
import type { Conversation, ToolChoice, Turn } from '../model/conversation.ts';
import { blocksOf, isText, isToolResult, isToolUse, messagesRequestSchema, type MessagesRequest, type RequestMessage } from './request.ts';

/** Throws WireError 400, with the field in its message as the provider does. */
export function parseMessagesRequest(body: unknown, headers: IncomingHttpHeaders): ParsedCall {
  if (typeof headers['anthropic-version'] !== 'string') throw new WireError(400, 'anthropic-version: header is required');
  const parsed = messagesRequestSchema.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new WireError(400, `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'is not valid'}`);
  }
  checkToolPairs(parsed.data.messages);
  return {
    model: parsed.data.model,
    stream: parsed.data.stream ?? false,
    streamUsage: true,
    conversation: conversationOf(parsed.data),
    limits: { maxTokens: parsed.data.max_tokens, stopSequences: parsed.data.stop_sequences ?? [] },
  };
}

/** Each tool_use is answered in the very next message, and nothing else is. */
function checkToolPairs(messages: readonly RequestMessage[]): void {
  messages.forEach((message, index) => {
    const asked = blocksOf(messages[index - 1] ?? { role: 'user', content: '' }).filter(isToolUse).map(({ id }) => id);
    const answered = blocksOf(message).filter(isToolResult).map(({ tool_use_id: id }) => id);
    const stray = answered.find((id) => !asked.includes(id));
    if (stray !== undefined) throw new WireError(400, `messages.${index}: the tool_result of ${stray} has no tool_use in the message before it`);
    const missing = asked.find((id) => !answered.includes(id));
    if (missing !== undefined) throw new WireError(400, `messages.${index}: the tool_use ${missing} of the message before it has no tool_result`);
  });
}

function conversationOf(request: MessagesRequest): Conversation {
  const spoken = request.messages.filter(({ role }) => role !== 'system');
  const systemTurns = request.messages.filter(({ role }) => role === 'system').map(textOf);
  return {
    system: [systemText(request.system), ...systemTurns].filter((part) => part !== '').join('\n'),
    turns: spoken.map(turnOf),
    tools: (request.tools ?? []).flatMap(({ name, description, input_schema: schema }) => (schema ? [{ name, description: description ?? '', schema }] : [])),
    toolChoice: toolChoice(request.tool_choice),
    maxToolCalls: request.tool_choice?.disable_parallel_tool_use ? 1 : Infinity,
  };
}

function systemText(system: MessagesRequest['system']): string {
  return typeof system === 'object' ? system.map(({ text }) => text).join('\n') : (system ?? '');
}

function turnOf(message: RequestMessage): Turn {
  const blocks = blocksOf(message);
  return {
    role: message.role === 'assistant' ? 'assistant' : 'user',
    text: textOf(message),
    toolCalls: blocks.filter(isToolUse).map(({ id, name, input }) => ({ id, name, arguments: input })),
    toolResults: blocks.filter(isToolResult).map((result) => ({
      callId: result.tool_use_id,
      content: resultText(result.content),
      outcome: result.is_error === true ? 'error' : 'ok',
    })),
  };
}

function textOf(message: RequestMessage): string {
  return blocksOf(message).filter(isText).map(({ text }) => text).join('\n');
}

function resultText(content: string | readonly { readonly type: string; readonly text?: unknown }[] | undefined): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map(({ text }) => (typeof text === 'string' ? text : '')).join('\n');
}

function toolChoice(choice: MessagesRequest['tool_choice']): ToolChoice {
  if (choice?.type === 'tool') return { name: choice.name ?? '' };
  return choice?.type ?? 'auto';
}
