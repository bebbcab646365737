import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Rows that one transaction removes at most. An embedded database works in the thread of the event loop: a thousand rows of large answers held it, and with it all
 * requests, for tens of milliseconds.
 */
export const pruneBatch = 100;

/** Batches of one kind in a row; then others have their turn. Each request may have a budget of its own, so five minutes may leave very many. */
const MAXIMUM_BATCHES = 2_500;

/** Resolves when the event loop has looked at everything else once. */
export type NextTurn = () => Promise<unknown>;

/**
 * Batch after batch, until nothing is left, `goOn` says no or others are to have their turn. The number removed. What an embedded database does ends without waiting
 * for anything, so without a pause all batches would be one stop of the event loop.
 */
export async function pruneAll(prune: () => Promise<number>, signal: AbortSignal, { goOn = () => true, pause = nextTurn }: { readonly goOn?: () => boolean; readonly pause?: NextTurn | undefined } = {}): Promise<number> {
  let removed = 0;
  for (let batch = 0; batch < MAXIMUM_BATCHES && !signal.aborted && goOn(); batch += 1) {
    const count = await prune();
    removed += count;
    if (count === 0) break;
    await pause();
  }
  return removed;
}
