import type { Clock } from '../platform/clock.ts';
import { sleep } from '@sluice/evals/deadline';
import type { WallClock } from '../platform/wall-clock.ts';
import type { Store } from './open-store.ts';
import { makeRoom, roomEveryMs } from './make-room.ts';
import { pruneAll, type NextTurn } from './prune-all.ts';

/** Milliseconds that things are kept after their end. */
export interface Retention {
  readonly jobsMs: number;
  readonly approvalsMs: number;
  readonly auditMs: number;
  readonly precisionMs: number;
}

const DAY_MS = 86_400_000;

export const defaultRetention: Retention = { jobsMs: 7 * DAY_MS, approvalsMs: 30 * DAY_MS, auditMs: 365 * DAY_MS, precisionMs: 90 * DAY_MS };

export interface UpkeepOptions {
  readonly store: Pick<Store, 'sessions' | 'idempotency' | 'jobs' | 'approvals' | 'audit' | 'precision' | 'budgets' | 'knowledge' | 'tasks' | 'database'>;
  readonly clock: Clock;
  readonly wallClock: WallClock;
  readonly everyMs: number;
  readonly retention: Retention;
  readonly onError: (error: unknown) => void;
  /** Told what was removed. */
  readonly onPruned?: (what: string, count: number) => void;
  /** Between two batches. Default: the next turn of the event loop. */
  readonly pause?: NextTurn;
}

/** Removes once what has had its time. */
export async function pruneStore({ store, wallClock, retention, onError, onPruned, pause }: UpkeepOptions, signal: AbortSignal): Promise<void> {
  const now = wallClock.now();
  const kinds: Readonly<Record<string, () => Promise<number>>> = {
    sessions: store.sessions.prune,
    idempotency: store.idempotency.prune,
    budgets: store.budgets.prune,
    knowledge: store.knowledge.prune,
    tasks: store.tasks.prune,
    jobs: () => store.jobs.prune(now - retention.jobsMs),
    approvals: () => store.approvals.prune(now - retention.approvalsMs),
    audit: () => store.audit.prune(now - retention.auditMs),
    precision: () => store.precision.prune(now - retention.precisionMs),
  };
  for (const [what, prune] of Object.entries(kinds)) {
    try {
      onPruned?.(what, await pruneAll(prune, signal, { pause }));
    } catch (error) {
      onError(error);
    }
  }
}

async function again(everyMs: number, { clock }: Pick<UpkeepOptions, 'clock'>, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await work();
    await sleep(clock, everyMs, signal).catch(() => undefined);
  }
}

/** Removes what has had its time, again and again until the signal aborts. Replicas may do so at the same time. */
export async function keepUp(options: UpkeepOptions, signal: AbortSignal): Promise<void> {
  const tidy = again(options.everyMs, options, signal, async () => await pruneStore(options, signal));
  const room = options.store.database.fill === undefined ? undefined : again(roomEveryMs, options, signal, async () => await makeRoom(options, signal));
  await Promise.all([tidy, room]);
}
