import type { SqlTransaction } from '../../store/sql/sql-database.ts';
import type { AfterAttempt } from '../after-attempt.ts';
import type { Job } from '../job.ts';
import type { Failed } from '../job-store.ts';
import { endJob } from './end.ts';
import { appendStateEvent } from './events.ts';

/** Writes what becomes of a job that this transaction holds and whose attempt came to nothing. */
export async function endAttempt(transaction: SqlTransaction, job: Job, after: AfterAttempt, error: string): Promise<Failed> {
  if (after.state !== 'queued') {
    await endJob(transaction, job.id, after.state === 'cancelled' ? { state: 'cancelled' } : { state: after.state, error });
    return { outcome: after.state };
  }
  const runAt = transaction.now + after.delayMs;
  await requeue(transaction, job.id, { runAt, error });
  await appendStateEvent(transaction, job.id, 'retrying', { error, attempt: job.attempts, run_at: runAt });
  return { outcome: 'retrying', runAt };
}

export async function requeue(transaction: SqlTransaction, id: string, { runAt, error }: { readonly runAt: number; readonly error: string | null }): Promise<void> {
  await transaction.rows("UPDATE jobs SET state = 'queued', run_at = $2, error = $3, worker = NULL, lease_until = NULL, updated_at = $4 WHERE id = $1", [id, runAt, error, transaction.now]);
}
