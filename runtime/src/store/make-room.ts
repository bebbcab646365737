import { shedAnswers } from '../idempotency/sql/shed-answers.ts';
import { defaultIdempotencyLimits } from '../idempotency/idempotency-store.ts';
import { forgetTasks, taskKeepMilliseconds } from './tasks/forget-tasks.ts';
import { pruneAll } from './prune-all.ts';
import type { UpkeepOptions } from './upkeep.ts';

/** At a hundred requests a second with answers of 50 KB a store in memory is a twelfth fuller then. */
export const roomEveryMs = 2_000;

/** How long things are kept, and from which share of its room on that holds for an embedded store: one that is full takes nothing in, and one in memory may end its process before. */
interface Step {
  readonly fill: number;
  /** Of the time that things are kept. */
  readonly share: number;
  /** What is younger stays. */
  readonly leastMs: number;
}

const HIGH_FILL = 0.5;
/** Then what was told a while ago goes, too: a repeated question is answered again, where a full store would answer 503. */
const URGENT_FILL = 0.8;
const SHORTEST_MS = 60_000;
const SHORTEST_URGENT_MS = 10_000;

/** As little less as it takes. */
const STEPS: readonly Step[] = [
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((step) => ({ fill: HIGH_FILL, share: 4 ** -step, leastMs: SHORTEST_MS })),
  { fill: URGENT_FILL, share: 0, leastMs: SHORTEST_URGENT_MS },
];

function kept(keepMs: number, { share, leastMs }: Step): number {
  return Math.min(keepMs, Math.max(leastMs, keepMs * share));
}

/**
 * Removes answers of keys, tasks and jobs that have ended and what is kept of precision before their time, the oldest first, until there is room again. What
 * waits or is worked on stays, sessions stay, and so does what says that a write was made. A server's room is its own matter.
 */
export async function makeRoom({ store, wallClock, retention, onError, onPruned, pause }: UpkeepOptions, signal: AbortSignal): Promise<void> {
  const { database, jobs, precision } = store;
  const now = wallClock.now();
  let removed = 0;
  try {
    for (const step of STEPS) {
      const goOn = (): boolean => (database.fill?.() ?? 0) > step.fill;
      if (!goOn()) continue;
      const left = (keepMs: number): number => keepMs - kept(keepMs, step);
      const kinds = [
        () => precision.prune(now - kept(retention.precisionMs, step)),
        () => jobs.prune(now - kept(retention.jobsMs, step)),
        () => forgetTasks(database, { which: 'ended', leftMs: left(taskKeepMilliseconds) }),
        () => shedAnswers(database, left(defaultIdempotencyLimits.keepMs)),
      ];
      for (const shed of kinds) removed += await pruneAll(shed, signal, { goOn, pause });
    }
  } catch (error) {
    onError(error);
  }
  if (removed > 0) onPruned?.('room', removed);
}
