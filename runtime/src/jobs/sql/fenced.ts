import type { SqlRow, SqlTransaction } from '../../store/sql/sql-database.ts';
import type { Lease } from '../job.ts';

/** The row of a job while the lease is the newest, held against everybody else until the transaction ends. */
export async function heldRow(transaction: SqlTransaction, lease: Lease): Promise<SqlRow | undefined> {
  const [row] = await transaction.rows("UPDATE jobs SET updated_at = $3 WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING *", [lease.job.id, lease.fence, transaction.now]);
  return row;
}
