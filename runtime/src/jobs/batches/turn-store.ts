import type { Reservation } from '../../budgets/ledger.ts';
import type { ModelReply, ModelRequest } from '../../providers/model-client.ts';
import type { ModelFailure } from '../../providers/model-error.ts';

/** The first turn of a job, as it stands. `waiting`: no batch has it yet. `unanswered`: its batch came to nothing for it. */
export type BatchedTurn = { readonly digest: string; readonly ageMs: number } & (
  | { readonly state: 'waiting' | 'sent' | 'unanswered' }
  | { readonly state: 'answered'; readonly reply: ModelReply }
  | { readonly state: 'refused'; readonly failure: ModelFailure }
);

export interface NewTurn {
  readonly jobId: string;
  /** Tells requests apart: a reply is none to another request. */
  readonly digest: string;
  readonly request: ModelRequest;
  /** Of the most that it can cost; not set: nothing is held. */
  readonly reservation: Reservation | undefined;
}

export interface GatheredTurn {
  readonly customId: string;
  readonly request: ModelRequest;
}

/** A batch that was written down to be submitted by whoever got it here. */
export interface GatheredBatch {
  readonly id: string;
  readonly turns: readonly GatheredTurn[];
}

export interface DueBatch {
  readonly id: string;
  /** Not known while `submitting`: nobody has the answer to its submission. */
  readonly providerId: string | undefined;
  readonly state: 'submitting' | 'submitted';
  readonly size: number;
  readonly submissions: number;
  readonly submittedAt: number;
  /** Milliseconds since its last submission began. */
  readonly submittedMs: number;
  readonly looks: number;
  /** `nobody`: all its jobs have ended, so nobody waits for it. `stopped`: the provider was told so. */
  readonly wanted: 'yes' | 'nobody' | 'stopped';
}

export type TurnEnd = { readonly state: 'answered'; readonly reply: ModelReply } | { readonly state: 'unanswered' } | { readonly state: 'refused'; readonly failure: ModelFailure };

export interface GatherRules {
  /** How long the first turn waits for others, in milliseconds. */
  readonly collectMs: number;
  readonly maxTurns: number;
  /** Of all requests of a batch. */
  readonly maxBytes: number;
  /** How long the one who gathers has it to itself, in milliseconds, unless it says that it is still at it; then others look whether it was submitted. */
  readonly leaseMs: number;
}

/** What waits for a batch, and what was sent. Each verb is one transaction; of two processes one gathers, and one looks. Throws StoreError. */
export interface TurnStore {
  readonly read: (jobId: string) => Promise<BatchedTurn | undefined>;
  /** `known`: the job has a turn already. */
  readonly add: (turn: NewTurn) => Promise<'added' | 'known'>;
  /** Takes a turn that no batch has out of the queue. */
  readonly withdraw: (jobId: string) => Promise<Reservation | undefined>;
  /** Takes the turns whose jobs have ended before they were sent out of the queue; what was reserved for them. */
  readonly abandoned: () => Promise<readonly Reservation[]>;
  /** Writes a batch down before it is submitted: its id is stored before anything else. */
  readonly gather: (rules: GatherRules, batchId: string) => Promise<GatheredBatch | undefined>;
  /** The turns of a batch that is submitted once more; it counts as a further submission. */
  readonly again: (batchId: string, leaseMs: number) => Promise<GatheredBatch>;
  readonly submitted: (batchId: string, providerId: string, nextMs: number) => Promise<void>;
  /** A batch that is to be looked after; nobody else gets it for the length of a lease. */
  readonly due: (leaseMs: number) => Promise<DueBatch | undefined>;
  /** The provider's names of the batches that are known. */
  readonly known: () => Promise<ReadonlySet<string>>;
  readonly lookAgain: (batchId: string, nextMs: number) => Promise<void>;
  readonly stopped: (batchId: string) => Promise<void>;
  /** What was reserved for an entry that has no end yet; undefined for one that is not of this batch or has ended. */
  readonly open: (batchId: string, customId: string) => Promise<{ readonly reservation: Reservation | undefined } | undefined>;
  /** Ends one turn and lets its job go on. */
  readonly end: (batchId: string, customId: string, end: TurnEnd) => Promise<void>;
  /** Ends the batch, and as `unanswered` all its turns that have no end; what was reserved for those. */
  readonly close: (batchId: string) => Promise<readonly Reservation[]>;
}
