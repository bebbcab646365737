import type { Amount } from '../../budgets/amount.ts';
import type { Reservation } from '../../budgets/ledger.ts';
import type { ModelReply } from '../../providers/model-client.ts';
import { ModelError } from '../../providers/model-error.ts';
import type { BatchApi, BatchResult, EntryOutcome } from '../../providers/batches/batch-api.ts';
import type { DueBatch, GatheredBatch, TurnEnd, TurnStore } from './turn-store.ts';

export type BatchEvent =
  | { readonly type: 'submitted' | 'found' | 'ended' | 'refused' | 'cancelled' | 'given-up'; readonly batch: string; readonly providerId?: string | undefined; readonly turns?: number | undefined; readonly error?: unknown }
  | { readonly type: 'turn'; readonly outcome: EntryOutcome['kind']; readonly reply?: ModelReply | undefined }
  | { readonly type: 'error'; readonly error: unknown };

export interface LookOptions {
  readonly turns: TurnStore;
  readonly api: BatchApi;
  /** The reply with what it cost by batch. */
  readonly priced: (reply: ModelReply) => ModelReply;
  readonly spentOn: (reply: ModelReply) => Amount;
  readonly settle: (reservation: Reservation, spent: Amount) => Promise<void>;
  readonly observe: (event: BatchEvent) => void;
  readonly limits: BatchLimits;
}

export interface BatchLimits {
  /** Between two looks at a batch, in milliseconds: from the first, doubled up to the longest. */
  readonly firstLookMs: number;
  readonly longestLookMs: number;
  /** How long a process that works on a batch has it to itself without a word; it says one three times as often. */
  readonly leaseMs: number;
  /** How long one process may take to submit a batch, or to read its results. Until then a batch that the provider does not know may be on its way to it. */
  readonly stepMs: number;
  /** Of one batch; then its turns are asked by themselves. */
  readonly maxSubmissions: number;
  /** Looks at a batch whose submission was lost, or whose results cannot be read, from which on the next that fails gives it up. */
  readonly maxBlindLooks: number;
}

export const defaultBatchLimits: BatchLimits = { firstLookMs: 15_000, longestLookMs: 300_000, leaseMs: 45_000, stepMs: 180_000, maxSubmissions: 3, maxBlindLooks: 10 };

const nothing: Amount = { tokens: 0, microDollars: 0 };

export function nextLook({ firstLookMs, longestLookMs }: BatchLimits, looks: number): number {
  return Math.min(longestLookMs, firstLookMs * 2 ** Math.min(looks, 20));
}

const notImplemented = 501;

/** The provider has said that it did not take the batch, so that it can be sent again, or its turns by themselves, without paying twice. */
function wasRefused(error: unknown): error is ModelError & { readonly status: number } {
  return error instanceof ModelError && error.status !== undefined && ((error.status >= 400 && error.status < 500 && error.failure === 'invalid_request') || error.status === notImplemented);
}

async function closeBatch({ turns, settle }: LookOptions, id: string): Promise<void> {
  for (const reservation of await turns.close(id)) await settle(reservation, nothing);
}

/** Whether a provider that has not said for long what became of a batch fails once more to say it: where nobody knows whether it has the batch, or what it tells of one cannot be read. */
export function isInVain(error: unknown, { providerId, looks }: Pick<DueBatch, 'providerId' | 'looks'>, { maxBlindLooks }: BatchLimits): boolean {
  if (looks < maxBlindLooks || !(error instanceof ModelError)) return false;
  return providerId === undefined ? error.failure !== 'unauthorized' : error.failure === 'invalid_reply';
}

/** Nobody knows what it came to, so what was reserved for it is taken for spent; its turns are asked by themselves. */
export async function giveUp({ turns, settle, observe }: LookOptions, id: string, error: unknown): Promise<void> {
  for (const reservation of await turns.close(id)) await settle(reservation, reservation.amount);
  observe({ type: 'given-up', batch: id, error });
}

/** Submits what was written down. An answer that does not come leaves the batch to be looked for. */
export async function submitBatch(options: LookOptions, batch: GatheredBatch, signal: AbortSignal): Promise<void> {
  const { turns, api, observe, limits } = options;
  try {
    const providerId = await api.submit({ id: batch.id, entries: batch.turns }, signal);
    await turns.submitted(batch.id, providerId, nextLook(limits, 0));
    observe({ type: 'submitted', batch: batch.id, providerId, turns: batch.turns.length });
  } catch (error) {
    signal.throwIfAborted();
    if (!wasRefused(error)) throw error;
    observe({ type: 'refused', batch: batch.id, error });
    await closeBatch(options, batch.id);
  }
}

async function findLost(options: LookOptions, batch: DueBatch, signal: AbortSignal): Promise<void> {
  const { turns, api, observe, limits } = options;
  const found = await api.find({ id: batch.id, size: batch.size, submittedAt: batch.submittedAt, known: await turns.known() }, signal);
  if (found.kind === 'found') {
    await turns.submitted(batch.id, found.providerId, 0);
    observe({ type: 'found', batch: batch.id, providerId: found.providerId });
    return;
  }
  // A submission of a process that died may still be on its way: to send it again would be paid for twice.
  const mayCome = found.kind === 'none' && batch.submittedMs < limits.stepMs;
  if (found.kind === 'later' || mayCome) return await turns.lookAgain(batch.id, nextLook(limits, batch.looks));
  if (batch.wanted !== 'yes' || batch.submissions >= limits.maxSubmissions) return await closeBatch(options, batch.id);
  await submitBatch(options, await turns.again(batch.id, limits.leaseMs), signal);
}

function endOf({ priced }: LookOptions, outcome: EntryOutcome): TurnEnd {
  switch (outcome.kind) {
    case 'reply':
      return { state: 'answered', reply: priced(outcome.reply) };
    case 'refused':
      return { state: 'refused', failure: outcome.failure };
    case 'unanswered':
      return { state: 'unanswered' };
  }
}

/** A server that counts no tokens has no budget that could be held otherwise than by what was reserved. */
function spentBy({ spentOn }: LookOptions, end: TurnEnd, reserved: Amount): Amount {
  if (end.state !== 'answered') return nothing;
  return end.reply.usage.inputTokens + end.reply.usage.outputTokens === 0 ? reserved : spentOn(end.reply);
}

async function keep(options: LookOptions, batchId: string, { customId, outcome }: BatchResult): Promise<'kept' | 'known'> {
  const open = await options.turns.open(batchId, customId);
  if (open === undefined) return 'known';
  const end = endOf(options, outcome);
  if (open.reservation !== undefined) await options.settle(open.reservation, spentBy(options, end, open.reservation.amount));
  await options.turns.end(batchId, customId, end);
  options.observe({ type: 'turn', outcome: outcome.kind, reply: end.state === 'answered' ? end.reply : undefined });
  return 'kept';
}

async function collect(options: LookOptions, batchId: string, providerId: string, signal: AbortSignal): Promise<void> {
  let kept = 0;
  for await (const result of options.api.results(providerId, signal)) if ((await keep(options, batchId, result)) === 'kept') kept += 1;
  await closeBatch(options, batchId);
  options.observe({ type: 'ended', batch: batchId, providerId, turns: kept });
  // Questions and answers are kept here now; what the provider keeps it takes away by itself in the end.
  await options.api.forget(providerId, signal).catch((error: unknown) => options.observe({ type: 'error', error }));
}

/** Takes one batch a step further. Throws ModelError and StoreError: then another look follows. */
export async function lookAfter(options: LookOptions, batch: DueBatch, signal: AbortSignal): Promise<void> {
  const { turns, api, observe, limits } = options;
  const { providerId } = batch;
  if (providerId === undefined) return await findLost(options, batch, signal);
  const state = await api.look(providerId, signal);
  if (state === 'ended') return await collect(options, batch.id, providerId, signal);
  if (state === 'gone') {
    await closeBatch(options, batch.id);
    return observe({ type: 'ended', batch: batch.id, providerId, turns: 0 });
  }
  // Only one that runs: providers refuse to cancel one that has ended, each time.
  if (batch.wanted === 'nobody') {
    await api.cancel(providerId, signal);
    await turns.stopped(batch.id);
    observe({ type: 'cancelled', batch: batch.id, providerId });
  }
  await turns.lookAgain(batch.id, nextLook(limits, batch.looks));
}
