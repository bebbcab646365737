/** Batches of one kind in a row; then others have their turn. */
const MAXIMUM_BATCHES = 50;

/** Batch after batch, until nothing is left or others are to have their turn. The number removed. */
export async function pruneAll(prune: () => Promise<number>, signal: AbortSignal): Promise<number> {
  let removed = 0;
  for (let batch = 0; batch < MAXIMUM_BATCHES && !signal.aborted; batch += 1) {
    const count = await prune();
    removed += count;
    if (count === 0) break;
  }
  return removed;
}
