import type { ModelReply, ModelRequest } from '../model-client.ts';
import { ModelError, type ModelFailure } from '../model-error.ts';

export interface BatchEntry {
  /** Letters, digits, "_" and "-", 64 at most; begins with the id of its batch, so that a batch is known again by any of its results. */
  readonly customId: string;
  readonly request: ModelRequest;
}

export interface NewBatch {
  /** Ours. */
  readonly id: string;
  readonly entries: readonly BatchEntry[];
}

/** A batch whose submission was begun, and whose answer nobody has. */
export interface LostBatch {
  readonly id: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly submittedAt: number;
  /** Names that the provider gave to other batches of ours. */
  readonly known: ReadonlySet<string>;
}

/** `later`: one of the provider's batches may be it, which shows when that has ended. */
export type FoundBatch = { readonly kind: 'found'; readonly providerId: string } | { readonly kind: 'none' | 'later' };

/** `unanswered`: another try may be answered. `refused`: the request is wrong, and will be. */
export type EntryOutcome = { readonly kind: 'reply'; readonly reply: ModelReply } | { readonly kind: 'unanswered' } | { readonly kind: 'refused'; readonly failure: ModelFailure };

export interface BatchResult {
  readonly customId: string;
  readonly outcome: EntryOutcome;
}

/** The batches of one provider. Every verb throws ModelError, or the signal's reason when it aborts. */
export interface BatchApi {
  /** Gives the provider's name of the batch. */
  readonly submit: (batch: NewBatch, signal: AbortSignal) => Promise<string>;
  readonly find: (batch: LostBatch, signal: AbortSignal) => Promise<FoundBatch>;
  /** `gone`: the provider does not know it any more. */
  readonly look: (providerId: string, signal: AbortSignal) => Promise<'running' | 'ended' | 'gone'>;
  /** Of a batch that has ended, in any order; entries may be missing. */
  readonly results: (providerId: string, signal: AbortSignal) => AsyncIterable<BatchResult>;
  readonly cancel: (providerId: string, signal: AbortSignal) => Promise<void>;
  /** Takes questions and answers away from the provider, once they are stored here. */
  readonly forget: (providerId: string, signal: AbortSignal) => Promise<void>;
}

/** What both wires give for an entry that was answered with an error. */
export function failedEntry(failure: ModelFailure): EntryOutcome {
  return failure === 'invalid_request' ? { kind: 'refused', failure } : { kind: 'unanswered' };
}

/** Of a reply that cannot be read, its question is asked by itself: one of ten thousand must not keep all others of its batch from their jobs. */
export function readableEntry(read: () => EntryOutcome): EntryOutcome {
  try {
    return read();
  } catch (error) {
    // What was not expected of a reply is a TypeError.
    if (error instanceof ModelError || error instanceof TypeError) return { kind: 'unanswered' };
    throw error;
  }
}

/** The clocks of two machines differ by less than this, in milliseconds. */
export const clockSkewMilliseconds = 600_000;

/** Batches that are looked through for one that was lost. */
export const mostListed = 1_000;
