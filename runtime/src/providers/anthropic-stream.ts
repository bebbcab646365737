import type Anthropic from '@anthropic-ai/sdk';
import { anthropicUsage, stopOf } from './anthropic-messages.ts';
import { ModelError } from './model-error.ts';
import type { ModelReply, StreamListener, TokenUsage } from './model-client.ts';

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
    assembly.text += event.delta.text;
    if (event.delta.text !== '') onText(event.delta.text);
  }
  if (event.delta.type === 'thinking_delta') onUnseen?.(event.delta.thinking);
  if (event.delta.type === 'input_json_delta') {
    onUnseen?.(event.delta.partial_json);
    const call = assembly.calls.get(event.index);
    if (call !== undefined) call.partial += event.delta.partial_json;
  }
}

function openBlock(assembly: Assembly, event: Anthropic.RawContentBlockStartEvent): void {
  const block = event.content_block;
  if (block.type === 'text') assembly.text += block.text;
  if (block.type === 'tool_use') assembly.calls.set(event.index, { id: block.id, name: block.name, whole: block.input, partial: '' });
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
      assembly.usage = { ...assembly.usage, outputTokens: event.usage.output_tokens };
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
