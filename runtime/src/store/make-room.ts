import { shedAnswers } from '../idempotency/sql/shed-answers.ts';
import { defaultIdempotencyLimits } from '../idempotency/idempotency-store.ts';
import { forgetTasks, taskKeepMilliseconds } from './tasks/forget-tasks.ts';
import { pruneAll } from './prune-all.ts';
import type { UpkeepOptions } from './upkeep.ts';

export const roomEveryMs = 10_000;

/** From this share of its room on an embedded store makes room: one that is full takes nothing in, and one in memory may end its process before. */
const HIGH_FILL = 0.5;
/** How long things are kept then, as a share of their time: as little less as it takes. */
const SHARES = [1, 2, 3, 4, 5, 6, 7, 8].map((step) => 4 ** -step);
/** Of what was just told. */
const SHORTEST_MS = 60_000;

/** The time that is left of things that are kept for that share of their time, in milliseconds. */
function left(keepMs: number, share: number): number {
  return keepMs - Math.max(SHORTEST_MS, keepMs * share);
}

/**
 * Removes answers of keys, tasks and jobs that have ended and what is kept of precision before their time, the oldest first, until there is room again. What
 * waits or is worked on stays, sessions stay, and so does what says that a write was made. A server's room is its own matter.
 */
export async function makeRoom({ store, wallClock, retention, onError, onPruned }: UpkeepOptions, signal: AbortSignal): Promise<void> {
  const { database, jobs, precision } = store;
  const now = wallClock.now();
  let removed = 0;
  try {
    for (const share of SHARES) {
      if ((database.fill?.() ?? 0) <= HIGH_FILL || signal.aborted) break;
      removed += await pruneAll(() => precision.prune(now - retention.precisionMs * share), signal);
      removed += await pruneAll(() => jobs.prune(now - retention.jobsMs * share), signal);
      removed += await pruneAll(() => forgetTasks(database, { which: 'ended', leftMs: left(taskKeepMilliseconds, share) }), signal);
      removed += await pruneAll(() => shedAnswers(database, left(defaultIdempotencyLimits.keepMs, share)), signal);
    }
  } catch (error) {
    onError(error);
  }
  if (removed > 0) onPruned?.('room', removed);
}
