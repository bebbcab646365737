import type OpenAI from 'openai';
import { ModelError } from './model-error.ts';
import type { ModelReply, StreamListener, TokenUsage } from './model-client.ts';
import { argumentsOf, textOf, wordOf } from './reply-values.ts';
import { openAiUsage, stopOf } from './openai-messages.ts';

type Chunk = OpenAI.Chat.Completions.ChatCompletionChunk;
type Delta = OpenAI.Chat.Completions.ChatCompletionChunk.Choice.Delta;

interface OpenCall {
  id: string;
  name: string;
  argumentsJson: string;
}

interface Assembly {
  text: string;
  refusal: string;
  finishReason: string | null;
  usage: TokenUsage;
  readonly calls: Map<number, OpenCall>;
}

/** What it adds to the call. */
function addToolCall(assembly: Assembly, delta: NonNullable<Delta['tool_calls']>[number]): string {
  const call = assembly.calls.get(delta.index) ?? { id: '', name: '', argumentsJson: '' };
  call.id ||= wordOf(delta.id);
  const [name, argumentsJson] = [wordOf(delta.function?.name), argumentsOf(delta.function?.arguments)];
  call.name += name;
  call.argumentsJson += argumentsJson;
  assembly.calls.set(delta.index, call);
  return name + argumentsJson;
}

/** Servers that copy the format tell what their models think under one of these names. */
function thoughtIn(delta: Delta & { readonly reasoning_content?: unknown; readonly reasoning?: unknown }): string {
  const { reasoning_content: thought = delta.reasoning } = delta;
  return typeof thought === 'string' ? thought : '';
}

function addDelta(assembly: Assembly, delta: Delta, { onText, onUnseen }: StreamListener): void {
  const refusal = textOf(delta.refusal);
  assembly.refusal += refusal;
  const unseen = [refusal, thoughtIn(delta), ...(delta.tool_calls ?? []).map((call) => addToolCall(assembly, call))].join('');
  if (unseen !== '') onUnseen?.(unseen);
  const text = textOf(delta.content);
  assembly.text += text;
  if (text !== '') onText(text);
}

function addChunk(assembly: Assembly, chunk: Chunk, listener: StreamListener): void {
  if (chunk.usage) assembly.usage = openAiUsage(chunk.usage);
  const choice = chunk.choices[0];
  if (choice === undefined) return;
  addDelta(assembly, choice.delta, listener);
  assembly.finishReason = choice.finish_reason ?? assembly.finishReason;
}

/** Puts a streamed completion together. A stream without a finish reason was cut: a failure, not a short answer. */
export async function assembleOpenAi(chunks: AsyncIterable<Chunk>, listener: StreamListener): Promise<ModelReply> {
  const assembly: Assembly = { text: '', refusal: '', finishReason: null, usage: { inputTokens: 0, outputTokens: 0 }, calls: new Map() };
  for await (const chunk of chunks) addChunk(assembly, chunk, listener);
  if (assembly.finishReason === null) throw new ModelError('unavailable');
  const toolCalls = [...assembly.calls.values()].map((call) => ({ ...call }));
  return {
    text: assembly.text,
    toolCalls,
    stop: assembly.refusal === '' ? stopOf(assembly.finishReason, toolCalls) : 'refused',
    usage: assembly.usage,
  };
}
