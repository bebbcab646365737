import type Anthropic from '@anthropic-ai/sdk';
import { anthropicUsage, stopOf } from './anthropic-messages.ts';
import { ModelError } from './model-error.ts';
import type { ModelReply, StreamListener, TokenUsage } from './model-client.ts';
import { textOf, wordOf } from './reply-values.ts';
import { countOf, noTokens } from './token-usage.ts';

interface OpenCall {
  readonly id: string;
  readonly name: string;
  /** The input when it came whole with the start of the block. */
  readonly whole: unknown;
  partial: string;
}

interface Assembly {
  text: string;
  stopReason: string | null;
  ended: 'no' | 'yes';
  usage: TokenUsage;
  readonly calls: Map<number, OpenCall>;
}

function addDelta(assembly: Assembly, event: Anthropic.RawContentBlockDeltaEvent, { onText, onUnseen }: StreamListener): void {
  if (event.delta.type === 'text_delta') {
    const text = textOf(event.delta.text);
    assembly.text += text;
    if (text !== '') onText(text);
  }
  if (event.delta.type === 'thinking_delta') onUnseen?.(textOf(event.delta.thinking));
  if (event.delta.type === 'input_json_delta') {
    const piece = wordOf(event.delta.partial_json);
    onUnseen?.(piece);
    const call = assembly.calls.get(event.index);
    if (call !== undefined) call.partial += piece;
  }
}

function openBlock(assembly: Assembly, event: Anthropic.RawContentBlockStartEvent): void {
  const block = event.content_block;
  if (block.type === 'text') assembly.text += textOf(block.text);
  if (block.type === 'tool_use') assembly.calls.set(event.index, { id: wordOf(block.id), name: wordOf(block.name), whole: block.input, partial: '' });
}

/** The end tells the output of all of the message. */
function withOutput(usage: TokenUsage, told: unknown): TokenUsage {
  const outputTokens = countOf(told);
  return Number.isNaN(outputTokens) ? noTokens : { ...usage, outputTokens };
}

function addEvent(assembly: Assembly, event: Anthropic.RawMessageStreamEvent, listener: StreamListener): void {
  switch (event.type) {
    case 'message_start':
      assembly.usage = anthropicUsage(event.message.usage);
      break;
    case 'content_block_start':
      openBlock(assembly, event);
      break;
    case 'content_block_delta':
      addDelta(assembly, event, listener);
      break;
    case 'message_delta':
      assembly.stopReason = event.delta.stop_reason;
      assembly.usage = withOutput(assembly.usage, event.usage.output_tokens);
      break;
    case 'message_stop':
      assembly.ended = 'yes';
      break;
    case 'content_block_stop':
      break;
  }
}

/** Puts a streamed message together. A stream that ends before its message does is a failure, not a short answer. */
export async function assembleAnthropic(events: AsyncIterable<Anthropic.RawMessageStreamEvent>, listener: StreamListener): Promise<ModelReply> {
  const assembly: Assembly = { text: '', stopReason: null, ended: 'no', usage: { inputTokens: 0, outputTokens: 0 }, calls: new Map() };
  for await (const event of events) addEvent(assembly, event, listener);
  if (assembly.ended === 'no') throw new ModelError('unavailable');
  const toolCalls = [...assembly.calls.values()].map((call) => ({ id: call.id, name: call.name, argumentsJson: call.partial === '' ? JSON.stringify(call.whole ?? {}) : call.partial }));
  return { text: assembly.text, toolCalls, stop: stopOf(assembly.stopReason), usage: assembly.usage };
}
