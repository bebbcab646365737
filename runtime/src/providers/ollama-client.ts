import { z } from 'zod';
import type { CompleteOptions, ModelClient, ModelFormat, ModelMessage, ModelReply, ModelRequest, ModelTool } from './model-client.ts';
import { failureFor, ModelError } from './model-error.ts';
import { jsonLines } from './json-lines.ts';
import type { ProviderOptions } from './provider-options.ts';
import { modelErrorFromUnknown, retryAfter } from './sdk-failure.ts';
import { countOf, usageOf } from './token-usage.ts';
import { wellFormed } from './well-formed.ts';

/** Where Ollama listens by itself. */
const ollamaEndpoint = 'http://127.0.0.1:11434';

const part = z.looseObject({
  message: z.looseObject({ content: z.string().optional(), thinking: z.string().optional(), tool_calls: z.array(z.looseObject({ function: z.looseObject({ name: z.string(), arguments: z.record(z.string(), z.unknown()).optional() }) })).optional() }).optional(),
  done: z.boolean().optional(),
  done_reason: z.string().optional(),
  prompt_eval_count: z.unknown().optional(),
  eval_count: z.unknown().optional(),
  error: z.string().optional(),
});

type Part = z.infer<typeof part>;

function argumentsOf(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return {};
  }
}

/** Results carry the name of the tool; the conversation before says which call it was. */
function messagesFor(message: ModelMessage, names: ReadonlyMap<string, string>): readonly object[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: message.text }];
    case 'assistant':
      return [{ role: 'assistant', content: message.text, ...(message.toolCalls.length === 0 ? {} : { tool_calls: message.toolCalls.map((call) => ({ function: { name: call.name, arguments: argumentsOf(call.argumentsJson) } })) }) }];
    case 'tools':
      return message.results.map((result) => ({ role: 'tool', tool_name: names.get(result.callId) ?? 'tool', content: result.outcome === 'failed' ? `Error: ${result.content}` : result.content }));
  }
}

function toolFor({ name, description, parameters }: ModelTool): object {
  return { type: 'function', function: { name, description, parameters } };
}

/** It holds each word of the model to it, so with tools to call none could be called. */
function formatFor(format: ModelFormat | undefined, tools: readonly ModelTool[]): object {
  if (format === undefined || tools.length > 0) return {};
  return { format: format.kind === 'object' ? 'json' : format.schema };
}

export function ollamaRequest(request: ModelRequest, stream: 'streamed' | 'whole'): object {
  const { settings, system, messages, tools, format } = wellFormed(request);
  const names = new Map(messages.flatMap((message) => (message.role === 'assistant' ? message.toolCalls.map(({ id, name }): [string, string] => [id, name]) : [])));
  const { name, temperature, topP, maxOutputTokens } = settings;
  return {
    model: name,
    stream: stream === 'streamed',
    messages: [{ role: 'system', content: system }, ...messages.flatMap((message) => messagesFor(message, names))],
    ...(tools.length === 0 ? {} : { tools: tools.map(toolFor) }),
    ...formatFor(format, tools),
    options: { num_predict: maxOutputTokens, ...(temperature === undefined ? {} : { temperature }), ...(topP === undefined ? {} : { top_p: topP }) },
  };
}

function parsedPart(value: unknown): Part {
  const parsed = part.safeParse(value);
  if (!parsed.success) throw new ModelError('invalid_reply', { cause: parsed.error });
  // An error within a stream has no status of its own.
  if (parsed.data.error !== undefined) throw new ModelError('unavailable');
  return parsed.data;
}

/** Calls have no ids on this wire: their place in the turn names them. */
function replyOf(text: string, parts: readonly Part[]): ModelReply {
  const last = parts.at(-1);
  if (last?.done !== true) throw new ModelError(parts.length === 0 ? 'invalid_reply' : 'unavailable');
  const calls = parts.flatMap(({ message }) => message?.tool_calls ?? []);
  const toolCalls = calls.map((call, index) => ({ id: `call-${index + 1}`, name: call.function.name, argumentsJson: JSON.stringify(call.function.arguments ?? {}) }));
  const stop = last.done_reason === 'length' ? 'length' : toolCalls.length > 0 ? 'tools' : 'end';
  return { text, toolCalls, stop, usage: usageOf({ input: countOf(last.prompt_eval_count), output: countOf(last.eval_count) }) };
}

async function readReply(response: Response, { onText, onUnseen }: Pick<CompleteOptions, 'onText' | 'onUnseen'>): Promise<ModelReply> {
  const parts: Part[] = [];
  let text = '';
  for await (const value of jsonLines(response)) {
    const next = parsedPart(value);
    // Of a long stream only what later parts need is kept.
    parts.push({ ...next, message: next.message?.tool_calls === undefined ? undefined : { tool_calls: next.message.tool_calls } });
    onUnseen?.((next.message?.thinking ?? '') + (next.message?.tool_calls ?? []).map((call) => call.function.name + JSON.stringify(call.function.arguments ?? {})).join(''));
    const piece = next.message?.content ?? '';
    text += piece;
    if (piece !== '') onText?.(piece);
  }
  return replyOf(text, parts);
}

function refusalOf(response: Response): ModelError {
  return new ModelError(failureFor(response.status), { status: response.status, retryAfterMilliseconds: retryAfter(response.headers) });
}

/** Ollama's own chat API. It has no SDK that can be limited and cut like the others, and needs none. */
export function createOllamaClient(options: ProviderOptions): ModelClient {
  const url = `${(options.endpoint ?? ollamaEndpoint).replace(/\/+$/, '')}/api/chat`;
  return {
    complete: async (request, { signal, onText, onUnseen }) => {
      const body = JSON.stringify(ollamaRequest(request, onText === undefined ? 'whole' : 'streamed'));
      try {
        const response = await options.fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${options.apiKey()}` }, body, signal });
        if (!response.ok) {
          await response.body?.cancel();
          throw refusalOf(response);
        }
        return await readReply(response, { onText, onUnseen });
      } catch (error) {
        signal.throwIfAborted();
        throw error instanceof ModelError ? error : modelErrorFromUnknown(error);
      }
    },
  };
}
