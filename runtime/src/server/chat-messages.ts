import type { ModelMessage, TokenUsage } from '../providers/model-client.ts';
import type { ChatRequest, ChatUsage } from './chat-contract.ts';
import { InvalidInput } from './problem.ts';

export interface ChatQuestion {
  readonly text: string;
  /** What was said before, oldest first. */
  readonly history: readonly ModelMessage[];
}

function textOf(content: ChatRequest['messages'][number]['content']): string {
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('\n');
}

/** Splits a conversation into its last question and what came before. Throws InvalidInput. `maximum`: characters of all of it. */
export function readChat({ messages }: ChatRequest, maximum: number): ChatQuestion {
  const texts = messages.map(({ role, content }) => ({ role, text: textOf(content) }));
  const length = texts.reduce((sum, { text }) => sum + text.length, 0);
  if (length > maximum) throw new InvalidInput('messages', `messages have ${length} characters in all; this agent takes ${maximum} at most (limits.maxInputCharacters)`);
  const last = texts.at(-1);
  if (last === undefined || last.role === 'assistant' || last.text === '') throw new InvalidInput(`messages.${messages.length - 1}`, 'the last of messages must be a question of the user, and not empty');
  const history = texts.slice(0, -1).filter(({ text }) => text !== '').map(({ role, text }): ModelMessage => (role === 'assistant' ? { role, text, toolCalls: [] } : { role: 'user', text }));
  return { text: last.text, history };
}

export function toChatUsage({ inputTokens, outputTokens, cachedInputTokens }: TokenUsage): ChatUsage {
  const details = cachedInputTokens === undefined ? {} : { prompt_tokens_details: { cached_tokens: cachedInputTokens } };
  return { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens, ...details };
}
