import type { Anthropic } from '@anthropic-ai/sdk';
import { anthropicReply, anthropicRequest } from '../anthropic-messages.ts';
import { anthropicError, createAnthropicSdk, failureOfType } from '../anthropic-sdk.ts';
import { jsonLines } from '../json-lines.ts';
import { ModelError } from '../model-error.ts';
import type { ProviderOptions } from '../provider-options.ts';
import { clockSkewMilliseconds, failedEntry, mostListed, readableEntry, type BatchApi, type BatchResult, type EntryOutcome, type LostBatch } from './batch-api.ts';
import { guardedCall } from './guarded-call.ts';

type Line = Anthropic.Messages.Batches.MessageBatchIndividualResponse;

function outcomeOf({ result }: Line): EntryOutcome {
  switch (result.type) {
    case 'succeeded':
      return { kind: 'reply', reply: anthropicReply(result.message) };
    case 'errored':
      return failedEntry(failureOfType[result.error.error.type] ?? 'unavailable');
    default:
      return { kind: 'unanswered' };
  }
}

function isLine(value: unknown): value is Line {
  return typeof value === 'object' && value !== null && 'custom_id' in value && typeof value.custom_id === 'string';
}

function sizeOf({ request_counts: counts }: Anthropic.Messages.Batches.MessageBatch): number {
  return counts.processing + counts.succeeded + counts.errored + counts.canceled + counts.expired;
}

/** Anthropic's Message Batches. They carry nothing of ours but the ids of entries, which are told with the results alone. */
export function createAnthropicBatches(options: ProviderOptions): BatchApi {
  const sdk = createAnthropicSdk(options);
  const { batches } = sdk.messages;
  const call = guardedCall(anthropicError);
  // The address is made here, and not taken from the batch: the key is sent to it.
  const lines = async (id: string, signal: AbortSignal): Promise<Response> => await sdk.get<Response>(`/v1/messages/batches/${encodeURIComponent(id)}/results`, { signal, headers: { accept: 'application/x-jsonl' }, __binaryResponse: true });

  async function* results(id: string, signal: AbortSignal): AsyncGenerator<BatchResult> {
    for await (const line of jsonLines(await call(signal, () => lines(id, signal)))) {
      if (!isLine(line)) throw new ModelError('invalid_reply');
      yield { customId: line.custom_id, outcome: readableEntry(() => outcomeOf(line)) };
    }
  }

  async function isIt(id: string, ours: string, signal: AbortSignal): Promise<'yes' | 'no'> {
    for await (const { customId } of results(id, signal)) return customId.startsWith(`${ours}_`) ? 'yes' : 'no';
    return 'no';
  }

  async function find({ id, size, submittedAt, known }: LostBatch, signal: AbortSignal): Promise<Awaited<ReturnType<BatchApi['find']>>> {
    let listed = 0;
    let maybe: 'none' | 'later' = 'none';
    for await (const batch of batches.list({ limit: 100 }, { signal })) {
      listed += 1;
      if (listed > mostListed || Date.parse(batch.created_at) < submittedAt - clockSkewMilliseconds) break;
      if (known.has(batch.id) || sizeOf(batch) !== size) continue;
      if (batch.processing_status !== 'ended') maybe = 'later';
      else if ((await isIt(batch.id, id, signal)) === 'yes') return { kind: 'found', providerId: batch.id };
    }
    return { kind: maybe };
  }

  return {
    submit: (batch, signal) => call(signal, async () => (await batches.create({ requests: batch.entries.map(({ customId, request }) => ({ custom_id: customId, params: anthropicRequest(request, options.promptCaching) })) }, { signal })).id),
    find: (batch, signal) => call(signal, () => find(batch, signal)),
    look: (id, signal) =>
      call.unlessGone(signal, async () => ((await batches.retrieve(id, {}, { signal })).processing_status === 'ended' ? 'ended' : 'running')),
    results,
    cancel: (id, signal) => call(signal, async () => void (await batches.cancel(id, {}, { signal }))),
    forget: (id, signal) => call(signal, async () => void (await batches.delete(id, {}, { signal }))),
  };
}
