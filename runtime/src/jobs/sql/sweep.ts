import { integer, text } from '../../store/sql/row.ts';
import type { SqlRow, SqlTransaction } from '../../store/sql/sql-database.ts';
import { afterLapse } from '../after-attempt.ts';
import { endAttempt } from './attempt-end.ts';
import { toJob } from './job-row.ts';
import type { QueueContext } from './queue-context.ts';

/** Taken back in one transaction at most; the rest follows with the next. */
const BATCH = 100;
const LAPSED = 'the worker was lost: no heartbeat came within the lease';

/** Holds the row, unless a heartbeat or an end came in between. */
async function holdLapsed(transaction: SqlTransaction, row: SqlRow): Promise<SqlRow | undefined> {
  const [held] = await transaction.rows("UPDATE jobs SET updated_at = $3 WHERE id = $1 AND fence = $2 AND state = 'running' AND lease_until <= $3 RETURNING *", [
    text(row, 'id'),
    integer(row, 'fence'),
    transaction.now,
  ]);
  return held;
}

/** Takes back the jobs whose lease has lapsed. The number taken back. */
export async function sweep(transaction: SqlTransaction, { limits, random }: QueueContext): Promise<number> {
  const rows = await transaction.rows("SELECT id, fence FROM jobs WHERE state = 'running' AND lease_until <= $1 ORDER BY lease_until LIMIT $2", [transaction.now, BATCH]);
  let taken = 0;
  for (const row of rows) {
    const held = await holdLapsed(transaction, row);
    if (held === undefined) continue;
    const job = toJob(held);
    await endAttempt(transaction, job, afterLapse(job, { backoff: limits.backoff, random }), LAPSED);
    taken += 1;
  }
  return taken;
}
