import type { Reservation } from '../../budgets/ledger.ts';
import type { ModelClient, ModelRequest } from '../../providers/model-client.ts';
import { ModelError } from '../../providers/model-error.ts';
import { cacheKey } from '../../providers/response-cache.ts';
import { TurnDeferred } from './turn-deferred.ts';
import type { BatchedTurn, TurnStore } from './turn-store.ts';

export interface DeferringOptions {
  readonly turns: Pick<TurnStore, 'read' | 'add' | 'withdraw'>;
  /** The agent's own model: the only one that is asked by batch. */
  readonly model: string;
  /** Holds the most that the request can cost by batch. Throws BudgetExceeded. */
  readonly reserve: (request: ModelRequest) => Promise<Reservation | undefined>;
  readonly giveBack: (reservation: Reservation) => Promise<void>;
  /** Milliseconds after which the model is asked by itself. */
  readonly maxWaitMs: number;
  readonly onAnswer: () => void;
}

/** A turn that rests on results of tools, or on a conversation that goes on elsewhere, does not wait for hours. */
function mayWait({ caller, messages, settings }: ModelRequest, model: string): string | undefined {
  return settings.name === model && messages.length === 1 && messages[0]?.role === 'user' ? caller?.waitsAs : undefined;
}

async function begin(options: DeferringOptions, jobId: string, digest: string, request: ModelRequest): Promise<never> {
  const reservation = await options.reserve(request);
  const giveBack = async (): Promise<void> => (reservation === undefined ? undefined : await options.giveBack(reservation));
  let added: 'added' | 'known';
  try {
    added = await options.turns.add({ jobId, digest, request: { ...request, caller: undefined }, reservation });
  } catch (error) {
    // What was reserved would stand for two days. Only where it is certain that it was not kept: else it is the turn's.
    const kept = await options.turns.read(jobId).catch(() => 'not-known' as const);
    if (kept === undefined) await giveBack().catch(() => undefined);
    throw error;
  }
  if (added === 'known') await giveBack();
  throw new TurnDeferred(options.maxWaitMs);
}

/** Milliseconds that a turn still waits; 0: its time is over, or it has an end. */
function waitOf(turn: BatchedTurn, maxWaitMs: number): number {
  return turn.state === 'waiting' || turn.state === 'sent' ? Math.max(0, maxWaitMs - turn.ageMs) : 0;
}

/**
 * Asks the first turn of a job that may wait by batch: throws TurnDeferred until its answer is there, and gives it then. What no batch
 * answered is asked by itself, and so are all other turns.
 */
export function createDeferringClient(client: ModelClient, options: DeferringOptions): ModelClient {
  return {
    complete: async (request, complete) => {
      const jobId = mayWait(request, options.model);
      if (jobId === undefined) return await client.complete(request, complete);
      const digest = cacheKey(request);
      const turn = await options.turns.read(jobId);
      if (turn === undefined) return await begin(options, jobId, digest, request);
      // Another revision, which asks something else, has the job now.
      const wait = turn.digest === digest ? waitOf(turn, options.maxWaitMs) : 0;
      if (wait > 0) throw new TurnDeferred(wait);
      if (turn.digest === digest && turn.state === 'refused') throw new ModelError(turn.failure);
      if (turn.digest === digest && turn.state === 'answered') {
        options.onAnswer();
        return turn.reply;
      }
      const reserved = await options.turns.withdraw(jobId);
      if (reserved !== undefined) await options.giveBack(reserved);
      return await client.complete(request, complete);
    },
  };
}
