import { WireError, type ParsedCall } from '../dialect.ts';
import type { Conversation, ToolChoice, ToolResult, Turn } from '../model/conversation.ts';
import { chatRequestSchema, contentText, type ChatMessage, type ChatRequest } from './request.ts';

/** Throws WireError 400 that names the parameter. */
export function parseChatRequest(body: unknown): ParsedCall {
  const parsed = chatRequestSchema.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const param = issue?.path.map(String).join('.') || null;
    throw new WireError(400, `Invalid value for '${param ?? 'body'}': ${issue?.message ?? 'is not valid'}.`, param);
  }
  const request = parsed.data;
  checkToolPairs(request.messages);
  return {
    model: request.model,
    stream: request.stream ?? false,
    streamUsage: request.stream_options?.include_usage ?? false,
    conversation: conversationOf(request),
    limits: { maxTokens: request.max_completion_tokens ?? request.max_tokens ?? undefined, stopSequences: typeof request.stop === 'string' ? [request.stop] : (request.stop ?? []) },
  };
}

/** The tool messages right after an assistant message answer exactly its calls. */
function checkToolPairs(messages: readonly ChatMessage[]): void {
  let open: string[] = [];
  messages.forEach((message, index) => {
    const param = `messages.[${index}].role`;
    if (message.role === 'tool') {
      if (!open.includes(message.tool_call_id)) throw new WireError(400, `The tool message for ${message.tool_call_id} follows no assistant message with that tool call.`, param);
      open = open.filter((id) => id !== message.tool_call_id);
      return;
    }
    if (open.length > 0) throw new WireError(400, `No tool message answers the tool calls: ${open.join(', ')}.`, param);
    open = message.role === 'assistant' ? (message.tool_calls ?? []).map(({ id }) => id) : [];
  });
  if (open.length > 0) throw new WireError(400, `No tool message answers the tool calls: ${open.join(', ')}.`, 'messages');
}

function conversationOf(request: ChatRequest): Conversation {
  const system = request.messages.filter(({ role }) => role === 'system' || role === 'developer').map((message) => contentText(message.content));
  return {
    system: system.join('\n'),
    turns: request.messages.reduce(addTurn, []),
    tools: (request.tools ?? []).map((tool) => ({ name: tool.function.name, description: tool.function.description ?? '', schema: tool.function.parameters ?? {} })),
    toolChoice: toolChoice(request.tool_choice),
    maxToolCalls: request.parallel_tool_calls === false ? 1 : Infinity,
  };
}

/** Consecutive tool messages are one turn with several results. */
function addTurn(turns: readonly Turn[], message: ChatMessage): Turn[] {
  if (message.role === 'system' || message.role === 'developer') return [...turns];
  if (message.role !== 'tool') return [...turns, spoken(message)];
  const result: ToolResult = { callId: message.tool_call_id, content: contentText(message.content), outcome: 'ok' };
  const last = turns.at(-1);
  if (last !== undefined && last.toolResults.length > 0) return [...turns.slice(0, -1), { ...last, toolResults: [...last.toolResults, result] }];
  return [...turns, { role: 'user', text: '', toolCalls: [], toolResults: [result] }];
}

function spoken(message: Exclude<ChatMessage, { role: 'tool' }>): Turn {
  const calls = message.role === 'assistant' ? (message.tool_calls ?? []) : [];
  return {
    role: message.role === 'assistant' ? 'assistant' : 'user',
    text: contentText(message.content),
    toolCalls: calls.map((call) => ({ id: call.id, name: call.function.name, arguments: parsedArguments(call.function.arguments) })),
    toolResults: [],
  };
}

function parsedArguments(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function toolChoice(choice: ChatRequest['tool_choice']): ToolChoice {
  if (typeof choice === 'object') return { name: choice.function.name };
  return choice === 'required' ? 'any' : (choice ?? 'auto');
}
