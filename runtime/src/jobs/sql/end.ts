import { optionalText } from '../../store/sql/row.ts';
import type { SqlTransaction } from '../../store/sql/sql-database.ts';
import type { EndState } from '../job.ts';
import { receiverOf } from '../callbacks/callback-queue.ts';
import { appendStateEvent } from './events.ts';

export interface End {
  readonly state: EndState;
  /** JSON. */
  readonly result?: string;
  readonly error?: string;
}

/** Writes the end of a job that this transaction holds, the event that tells of it, and the callback that is due. */
export async function endJob(transaction: SqlTransaction, id: string, { state, result, error }: End): Promise<void> {
  const [row] = await transaction.rows(
    `UPDATE jobs SET state = $2, result = $3, error = $4, worker = NULL, lease_until = NULL, finished_at = $5, updated_at = $5 WHERE id = $1 RETURNING callback_url`,
    [id, state, result ?? null, error ?? null, transaction.now],
  );
  if (row === undefined) return;
  await appendStateEvent(transaction, id, state, error === undefined ? {} : { error });
  const url = optionalText(row, 'callback_url');
  if (url === undefined) return;
  await transaction.rows(
    `INSERT INTO job_callbacks (job_id, url, state, run_at, receiver) VALUES ($1, $2, 'due', $3, $4)
     ON CONFLICT (job_id) DO UPDATE SET state = 'due', attempts = 0, run_at = $3, receiver = $4`,
    [id, url, transaction.now, receiverOf(url)],
  );
}
