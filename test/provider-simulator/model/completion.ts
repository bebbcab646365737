import { countTokens, tokens } from './tokens.ts';
import type { Conversation, Reply, WantedCall } from './conversation.ts';

export type StopCause = 'end' | 'tool' | 'length' | 'stop-sequence';

/** A reply as it goes out: within the token limit, with its reason to stop and its usage. */
export interface Completion {
  readonly text: string;
  readonly toolCalls: readonly WantedCall[];
  readonly stop: StopCause;
  readonly stopSequence: string | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface CompletionLimits {
  /** Upper bound of output tokens; `undefined`: none. */
  readonly maxTokens: number | undefined;
  readonly stopSequences: readonly string[];
}

/** Tool calls that do not fit in the limit are left out: the reply then stops for length, as a provider's would. */
export function complete(conversation: Conversation, reply: Reply, limits: CompletionLimits): Completion {
  const inputTokens = countInput(conversation);
  const ended = endAtStopSequence(reply.text, limits.stopSequences);
  const room = limits.maxTokens ?? Infinity;
  const text = tokens(ended.text);
  if (text.length > room) return { text: text.slice(0, room).join(''), toolCalls: [], stop: 'length', stopSequence: null, inputTokens, outputTokens: room };
  if (ended.sequence !== null) return { text: ended.text, toolCalls: [], stop: 'stop-sequence', stopSequence: ended.sequence, inputTokens, outputTokens: text.length };
  const outputTokens = text.length + reply.toolCalls.reduce((sum, call) => sum + countTokens(call.name + JSON.stringify(call.arguments)), 0);
  if (outputTokens > room) return { text: ended.text, toolCalls: [], stop: 'length', stopSequence: null, inputTokens, outputTokens: room };
  return { text: ended.text, toolCalls: reply.toolCalls, stop: reply.toolCalls.length > 0 ? 'tool' : 'end', stopSequence: null, inputTokens, outputTokens };
}

function endAtStopSequence(text: string, sequences: readonly string[]): { readonly text: string; readonly sequence: string | null } {
  const first = sequences
    .map((sequence) => ({ sequence, at: text.indexOf(sequence) }))
    .filter(({ sequence, at }) => sequence !== '' && at >= 0)
    .toSorted((left, right) => left.at - right.at)[0];
  return first === undefined ? { text, sequence: null } : { text: text.slice(0, first.at), sequence: first.sequence };
}

function countInput({ system, turns, tools }: Conversation): number {
  const said = turns.map((turn) => [turn.text, ...turn.toolCalls.map((call) => call.name + JSON.stringify(call.arguments)), ...turn.toolResults.map(({ content }) => content)].join(' '));
  const offered = tools.map((tool) => `${tool.name} ${tool.description} ${JSON.stringify(tool.schema)}`);
  return [system, ...said, ...offered].reduce((sum, part) => sum + countTokens(part), 0);
}
