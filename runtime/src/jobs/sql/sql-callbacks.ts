import { integer, text } from '../../store/sql/row.ts';
import type { SqlDatabase, SqlTransaction } from '../../store/sql/sql-database.ts';
import { backoffDelay } from '../backoff.ts';
import type { CallbackDue, CallbackQueue } from '../callbacks/callback-queue.ts';
import { toJob } from './job-row.ts';
import type { QueueContext } from './queue-context.ts';

async function claim(transaction: SqlTransaction, { limits }: QueueContext, busy: readonly string[]): Promise<CallbackDue | undefined> {
  await transaction.lock('job-callbacks');
  const others = busy.length === 0 ? '' : ` AND (receiver IS NULL OR receiver NOT IN (${busy.map((_, index) => `$${index + 3}`).join(', ')}))`;
  const [row] = await transaction.rows(
    `UPDATE job_callbacks SET attempts = attempts + 1, fence = fence + 1, run_at = $2
     WHERE state = 'due' AND job_id = (SELECT job_id FROM job_callbacks WHERE state = 'due' AND run_at <= $1${others} ORDER BY run_at, job_id LIMIT 1) RETURNING *`,
    [transaction.now, transaction.now + limits.callbackLeaseMs, ...busy],
  );
  if (row === undefined) return undefined;
  const [job] = await transaction.rows('SELECT * FROM jobs WHERE id = $1', [text(row, 'job_id')]);
  return job === undefined ? undefined : { job: toJob(job), url: text(row, 'url'), attempt: integer(row, 'attempts'), fence: integer(row, 'fence') };
}

async function settle(transaction: SqlTransaction, due: CallbackDue, to: { readonly state: 'due' | 'delivered' | 'given-up'; readonly runAt: number }): Promise<'recorded' | 'lost'> {
  const rows = await transaction.rows("UPDATE job_callbacks SET state = $3, run_at = $4 WHERE job_id = $1 AND fence = $2 AND state = 'due' RETURNING job_id", [due.job.id, due.fence, to.state, to.runAt]);
  return rows.length === 0 ? 'lost' : 'recorded';
}

async function undelivered(transaction: SqlTransaction, { limits, random }: QueueContext, due: CallbackDue): Promise<'later' | 'given-up' | 'lost'> {
  const last = due.attempt >= limits.maxCallbackAttempts;
  const runAt = transaction.now + (last ? 0 : backoffDelay(limits.backoff, due.attempt, random));
  const settled = await settle(transaction, due, { state: last ? 'given-up' : 'due', runAt });
  if (settled === 'lost') return 'lost';
  return last ? 'given-up' : 'later';
}

export function createSqlCallbacks(database: SqlDatabase, context: QueueContext): CallbackQueue {
  return {
    claim: (busy = []) => database.transaction((transaction) => claim(transaction, context, busy)),
    delivered: (due) => database.transaction((transaction) => settle(transaction, due, { state: 'delivered', runAt: transaction.now })),
    undelivered: (due) => database.transaction((transaction) => undelivered(transaction, context, due)),
  };
}
