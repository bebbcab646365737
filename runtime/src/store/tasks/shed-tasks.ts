import type { SqlDatabase } from '../sql/sql-database.ts';

const BATCH = 1_000;

/** How long a task that has ended is kept. */
export const taskKeepMilliseconds = 3_600_000;

/** Forgets some tasks that have ended and would be kept for no more than `leftMs` milliseconds more. The number. */
export async function shedTasks(database: SqlDatabase, leftMs: number): Promise<number> {
  return await database.transaction(async (transaction) => {
    const gone = await transaction.rows("DELETE FROM task_records WHERE id IN (SELECT id FROM task_records WHERE state = 'ended' AND expires_at <= $1 LIMIT $2) RETURNING id", [transaction.now + leftMs, BATCH]);
    return gone.length;
  });
}
