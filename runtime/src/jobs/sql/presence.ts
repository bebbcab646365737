import type { SqlTransaction } from '../../store/sql/sql-database.ts';
import type { QueueContext } from './queue-context.ts';

/** A sign of life that is younger than this share of the silence is fresh enough. */
const FRESH_SHARE = 6;

/** Says that this worker lives and which revision it is of. */
export async function showPresence(transaction: SqlTransaction, { limits, revision }: QueueContext, worker: string): Promise<void> {
  if (revision === undefined) return;
  await transaction.rows(
    `INSERT INTO job_workers (worker, revision, seen_at) VALUES ($1, $2, $3)
     ON CONFLICT (worker) DO UPDATE SET revision = $2, seen_at = $3 WHERE job_workers.seen_at <= $4 OR job_workers.revision <> $2`,
    [worker, revision, transaction.now, transaction.now - Math.floor(limits.workerSilenceMs / FRESH_SHARE)],
  );
}

/** The worker takes no more jobs: what waits for its revision need not wait for it. Forgets those that have been silent for long, too. */
export async function leave(transaction: SqlTransaction, { limits }: QueueContext, worker: string): Promise<void> {
  await transaction.rows('DELETE FROM job_workers WHERE worker = $1 OR seen_at <= $2', [worker, transaction.now - limits.workerSilenceMs]);
}

/**
 * Whether a worker may take a job: one that its own revision took in, or one of a revision without a living worker.
 * `since` and `own` name the parameters that hold what {@link presenceParameters} gives.
 */
export function mayTake(revision: string, { since, own }: { readonly since: string; readonly own: string }): string {
  return `(${revision} IS NULL OR ${revision} NOT IN (SELECT w.revision FROM job_workers w WHERE w.seen_at > ${since} AND w.revision <> ${own}))`;
}

/** Values for {@link mayTake}; without a revision of its own, a worker takes all jobs. */
export function presenceParameters({ now }: SqlTransaction, { limits, revision }: QueueContext): readonly [since: number, own: string] {
  return [revision === undefined ? Number.MAX_SAFE_INTEGER : now - limits.workerSilenceMs, revision ?? ''];
}
