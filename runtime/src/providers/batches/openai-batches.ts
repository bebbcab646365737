import type { OpenAI } from 'openai';
import { jsonLines } from '../json-lines.ts';
import { failureFor, ModelError } from '../model-error.ts';
import { openAiReply, openAiRequest } from '../openai-messages.ts';
import { createOpenAiSdk, limitFieldOf, openAiError } from '../openai-sdk.ts';
import type { ProviderOptions } from '../provider-options.ts';
import { clockSkewMilliseconds, failedEntry, mostListed, readableEntry, type BatchApi, type BatchResult, type EntryOutcome, type LostBatch, type NewBatch } from './batch-api.ts';
import { guardedCall } from './guarded-call.ts';

const endpoint = '/v1/chat/completions';
/** The member of a batch's metadata that holds our id. */
const idMember = 'sluice_batch';

const ended: ReadonlySet<string> = new Set(['failed', 'completed', 'expired', 'cancelled']);

interface Line {
  readonly custom_id: string;
  /** Null where the entry was not executed. */
  readonly response?: { readonly status_code: number; readonly body: unknown } | null;
}

function isLine(value: unknown): value is Line {
  return typeof value === 'object' && value !== null && 'custom_id' in value && typeof value.custom_id === 'string';
}

function outcomeOf({ response }: Line): EntryOutcome {
  if (response === undefined || response === null) return { kind: 'unanswered' };
  if (response.status_code === 200) return { kind: 'reply', reply: openAiReply(response.body as OpenAI.Chat.Completions.ChatCompletion) };
  return failedEntry(failureFor(response.status_code));
}

function isRefusal(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number' && error.status >= 400 && error.status < 500;
}

/** OpenAI's Batch API: a file of requests, and files of results. */
export function createOpenAiBatches(options: ProviderOptions): BatchApi {
  const sdk = createOpenAiSdk(options);
  const limitField = limitFieldOf(options);
  const call = guardedCall(openAiError);
  const lineOf = ({ customId, request }: NewBatch['entries'][number]): string => JSON.stringify({ custom_id: customId, method: 'POST', url: endpoint, body: openAiRequest(request, limitField) });

  async function submit({ id, entries }: NewBatch, signal: AbortSignal): Promise<string> {
    const form = new FormData();
    form.append('purpose', 'batch');
    form.append('file', new Blob([entries.map(lineOf).join('\n')], { type: 'application/jsonl' }), `${id}.jsonl`);
    // Encoded here: the fetch of this runtime's own connections does not know the forms of another.
    const encoded = new Response(form);
    const file = await sdk.post<OpenAI.Files.FileObject>('/files', { body: Buffer.from(await encoded.arrayBuffer()), headers: { 'content-type': encoded.headers.get('content-type') }, signal });
    try {
      return (await sdk.batches.create({ input_file_id: file.id, endpoint, completion_window: '24h', metadata: { [idMember]: id } }, { signal })).id;
    } catch (error) {
      // Where the answer is not a no, there may be a batch that reads it; the provider removes it by itself then.
      if (isRefusal(error)) await sdk.files.delete(file.id, { signal }).catch(() => undefined);
      throw error;
    }
  }

  async function find({ id, submittedAt }: LostBatch, signal: AbortSignal): Promise<Awaited<ReturnType<BatchApi['find']>>> {
    let listed = 0;
    for await (const batch of sdk.batches.list({ limit: 100 }, { signal })) {
      listed += 1;
      if (listed > mostListed || batch.created_at * 1_000 < submittedAt - clockSkewMilliseconds) break;
      if (batch.metadata?.[idMember] === id) return { kind: 'found', providerId: batch.id };
    }
    return { kind: 'none' };
  }

  async function* results(id: string, signal: AbortSignal): AsyncGenerator<BatchResult> {
    const { output_file_id: output, error_file_id: errors } = await call(signal, () => sdk.batches.retrieve(id, { signal }));
    for (const file of [output, errors]) {
      if (!file) continue;
      for await (const line of jsonLines(await call(signal, () => sdk.files.content(file, { signal })))) {
        if (!isLine(line)) throw new ModelError('invalid_reply');
        yield { customId: line.custom_id, outcome: readableEntry(() => outcomeOf(line)) };
      }
    }
  }

  async function forget(id: string, signal: AbortSignal): Promise<void> {
    const { input_file_id: input, output_file_id: output, error_file_id: errors } = await sdk.batches.retrieve(id, { signal });
    for (const file of [input, output, errors]) if (file) await sdk.files.delete(file, { signal });
  }

  return {
    submit: (batch, signal) => call(signal, () => submit(batch, signal)),
    find: (batch, signal) => call(signal, () => find(batch, signal)),
    look: (id, signal) => call.unlessGone(signal, async () => (ended.has((await sdk.batches.retrieve(id, { signal })).status) ? 'ended' : 'running')),
    results,
    cancel: (id, signal) => call(signal, async () => void (await sdk.batches.cancel(id, { signal }))),
    forget: (id, signal) => call(signal, () => forget(id, signal)),
  };
}
