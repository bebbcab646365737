import { pruneBatch } from '../prune-all.ts';
import type { SqlDatabase } from '../sql/sql-database.ts';

/** How long a task that has ended can be asked for. */
export const taskKeepMilliseconds = 3_600_000;

/** `all`: those that run, too. `leftMs`: that would be kept for no more than so many milliseconds more. */
export interface TasksToForget {
  readonly which: 'all' | 'ended';
  readonly leftMs: number;
}

/** Forgets some of these tasks, the oldest first. The number. */
export async function forgetTasks(database: SqlDatabase, { which, leftMs }: TasksToForget): Promise<number> {
  return await database.transaction(async (transaction) => {
    const ended = which === 'ended' ? "state = 'ended' AND " : '';
    const gone = await transaction.rows(`DELETE FROM task_records WHERE id IN (SELECT id FROM task_records WHERE ${ended}expires_at <= $1 ORDER BY expires_at LIMIT $2) RETURNING id`, [transaction.now + leftMs, pruneBatch]);
    return gone.length;
  });
}
