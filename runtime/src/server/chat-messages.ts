import type { ModelMessage, TokenUsage } from '../providers/model-client.ts';
import type { ChatRequest, ChatUsage } from './chat-contract.ts';
import type { AnswerWishes } from '../agent/answer-wishes.ts';
import { InvalidInput } from './problem.ts';

export interface ChatQuestion {
  readonly text: string;
  /** What was said before, oldest first. */
  readonly history: readonly ModelMessage[];
}

/** Only what was answered may be without content: then it says why. */
function textOf({ role, content, refusal }: ChatRequest['messages'][number], index: number): string {
  if (typeof content === 'string') return content;
  if (content) return content.map(({ text }) => text).join('\n');
  if (role === 'assistant') return refusal ?? '';
  throw new InvalidInput(`messages.${index}.content`, `messages.${index}.content must be there as text: a message of the role ${role} says something`);
}

/** Splits a conversation into its last question and what came before. Throws InvalidInput. `maximum`: characters of all of it, with what it says of the form of the answer. */
export function readChat({ messages }: ChatRequest, { format }: AnswerWishes, maximum: number): ChatQuestion {
  const texts = messages.map((message, index) => ({ role: message.role, text: textOf(message, index) }));
  const length = texts.reduce((sum, { text }) => sum + text.length, format?.words.length ?? 0);
  if (length > maximum) throw new InvalidInput('messages', `messages${format === undefined ? '' : ' and response_format'} have ${length} characters in all; this agent takes ${maximum} at most (limits.maxInputCharacters)`);
  const last = texts.at(-1);
  if (last === undefined || last.role === 'assistant' || last.text === '') throw new InvalidInput(`messages.${messages.length - 1}`, 'the last of messages must be a question of the user, and not empty');
  const history = texts.slice(0, -1).filter(({ text }) => text !== '').map(({ role, text }): ModelMessage => (role === 'assistant' ? { role, text, toolCalls: [] } : { role: 'user', text }));
  return { text: last.text, history };
}

export function toChatUsage({ inputTokens, outputTokens, cachedInputTokens }: TokenUsage): ChatUsage {
  const details = cachedInputTokens === undefined ? {} : { prompt_tokens_details: { cached_tokens: cachedInputTokens } };
  return { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens, ...details };
}
