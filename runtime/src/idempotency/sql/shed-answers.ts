import type { SqlDatabase } from '../../store/sql/sql-database.ts';

const BATCH = 1_000;

/** Answers alone: what is worked on goes on, and that a write was made is never forgotten before its time. */
const EARLY = "expires_at <= $1 AND response IS NOT NULL AND scope NOT LIKE 'write-%'";

/** Forgets some answers that would be kept for no more than `leftMs` milliseconds more. The number. */
export async function shedAnswers(database: SqlDatabase, leftMs: number): Promise<number> {
  return await database.transaction(async (transaction) => {
    const gone = await transaction.rows(`DELETE FROM idempotency_keys WHERE ${EARLY} AND (scope, key) IN (SELECT scope, key FROM idempotency_keys WHERE ${EARLY} LIMIT $2) RETURNING key`, [transaction.now + leftMs, BATCH]);
    return gone.length;
  });
}
