import { pieces, type Envelope } from '../dialect.ts';
import type { Completion, StopCause } from '../model/completion.ts';

/** Characters of text, and of tool arguments, in one delta. */
const DELTA_CHARACTERS = 12;
const STOP_REASON = { end: 'end_turn', tool: 'tool_use', length: 'max_tokens', 'stop-sequence': 'stop_sequence' } as const satisfies Record<StopCause, string>;

type ContentBlock =
  | { readonly type: 'text'; readonly text: string; readonly citations: null }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: Readonly<Record<string, unknown>>; readonly caller: { readonly type: 'direct' } };

export function messageBody(envelope: Envelope): object {
  const { completion } = envelope;
  return shell(envelope, {
    content: content(envelope),
    stop_reason: STOP_REASON[completion.stop],
    stop_sequence: completion.stopSequence,
    usage: usage(completion, completion.outputTokens),
  });
}

/** The event sequence of a streamed message, a ping after the first block opens. */
export function messageEvents(envelope: Envelope): readonly string[] {
  const { completion } = envelope;
  const blocks = content(envelope).flatMap(blockEvents);
  return [
    event('message_start', { message: shell(envelope, { content: [], stop_reason: null, stop_sequence: null, usage: usage(completion, 1) }) }),
    ...blocks.slice(0, 1),
    event('ping', {}),
    ...blocks.slice(1),
    event('message_delta', {
      delta: { container: null, stop_details: null, stop_reason: STOP_REASON[completion.stop], stop_sequence: completion.stopSequence },
      usage: { input_tokens: completion.inputTokens, ...noCache, output_tokens: completion.outputTokens, output_tokens_details: null, server_tool_use: null },
    }),
    event('message_stop', {}),
  ];
}

/** A server-sent event; the data repeats its name as `type`. */
export function event(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

const noCache = { cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };

function shell(envelope: Envelope, rest: object): object {
  return { id: envelope.id, type: 'message', role: 'assistant', model: envelope.model, container: null, stop_details: null, diagnostics: null, ...rest };
}

function usage({ inputTokens }: Completion, outputTokens: number): object {
  return {
    input_tokens: inputTokens,
    ...noCache,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    inference_geo: null,
    output_tokens: outputTokens,
    output_tokens_details: null,
    server_tool_use: null,
    service_tier: 'standard',
    speed: null,
  };
}

function content({ completion, callIds }: Envelope): readonly ContentBlock[] {
  const text: ContentBlock[] = completion.text === '' ? [] : [{ type: 'text', text: completion.text, citations: null }];
  return [...text, ...completion.toolCalls.map((call, index): ContentBlock => ({ type: 'tool_use', id: callIds[index] ?? '', name: call.name, input: call.arguments, caller: { type: 'direct' } }))];
}

function blockEvents(block: ContentBlock, index: number): readonly string[] {
  const empty = block.type === 'text' ? { ...block, text: '' } : { ...block, input: {} };
  const deltas =
    block.type === 'text'
      ? pieces(block.text, DELTA_CHARACTERS).map((text) => ({ type: 'text_delta', text }))
      : ['', ...pieces(JSON.stringify(block.input), DELTA_CHARACTERS)].map((json) => ({ type: 'input_json_delta', partial_json: json }));
  return [
    event('content_block_start', { index, content_block: empty }),
    ...deltas.map((delta) => event('content_block_delta', { index, delta })),
    event('content_block_stop', { index }),
  ];
}
