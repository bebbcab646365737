import { pieces, type Envelope } from '../dialect.ts';
import type { Completion, StopCause } from '../model/completion.ts';

/** Characters of text, and of tool arguments, in one chunk. */
const DELTA_CHARACTERS = 12;
const FINISH_REASON = { end: 'stop', tool: 'tool_calls', length: 'length', 'stop-sequence': 'stop' } as const satisfies Record<StopCause, string>;

export function chatCompletion(envelope: Envelope): object {
  const { completion } = envelope;
  const calls = toolCalls(envelope);
  const message = {
    role: 'assistant',
    content: calls.length > 0 ? null : completion.text,
    refusal: null,
    annotations: [],
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  return {
    ...shell(envelope, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: FINISH_REASON[completion.stop] }],
    usage: usage(completion),
  };
}

export function chatCompletionEvents(envelope: Envelope): readonly string[] {
  const { completion, streamUsage } = envelope;
  const calls = toolCalls(envelope);
  const usageField = streamUsage ? { usage: null } : {};
  const chunk = (delta: object, finish: string | null): string =>
    data({ ...shell(envelope, 'chat.completion.chunk'), choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...usageField });
  const text = calls.length > 0 ? [] : pieces(completion.text, DELTA_CHARACTERS);
  return [
    chunk({ role: 'assistant', content: calls.length > 0 ? null : '', refusal: null }, null),
    ...text.map((content) => chunk({ content }, null)),
    ...calls.flatMap((call, index) => callDeltas(call, index).map((delta) => chunk({ tool_calls: [delta] }, null))),
    chunk({}, FINISH_REASON[completion.stop]),
    ...(streamUsage ? [data({ ...shell(envelope, 'chat.completion.chunk'), choices: [], usage: usage(completion) })] : []),
    'data: [DONE]\n\n',
  ];
}

export function data(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

type WireCall = ReturnType<typeof toolCalls>[number];

function toolCalls({ completion, callIds }: Envelope) {
  return completion.toolCalls.map((call, index) => ({
    id: callIds[index] ?? '',
    type: 'function' as const,
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }));
}

/** The first names the call, the others carry its arguments. */
function callDeltas(call: WireCall, index: number): readonly object[] {
  const opening = { index, id: call.id, type: call.type, function: { name: call.function.name, arguments: '' } };
  return [opening, ...pieces(call.function.arguments, DELTA_CHARACTERS).map((part) => ({ index, function: { arguments: part } }))];
}

function shell({ id, created, model }: Envelope, object: string): object {
  return { id, object, created, model, service_tier: 'default', system_fingerprint: 'fp_simulator' };
}

function usage({ inputTokens, outputTokens }: Completion): object {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
  };
}
