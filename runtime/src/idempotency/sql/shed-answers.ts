import { optionalText, text } from '../../store/sql/row.ts';
import type { SqlDatabase, SqlRow, SqlTransaction } from '../../store/sql/sql-database.ts';
import { pruneBatch } from '../../store/prune-all.ts';
import { writeScope, writeScopePrefix } from '../write-scope.ts';

/** Answers alone: what is worked on goes on, and that a write was made is never forgotten before its time. As the index `idempotency_keys_to_shed` has it. */
const ANSWERS = `response IS NOT NULL AND scope NOT LIKE '${writeScopePrefix}%'`;

/** The job that an answer tells of; null for answers of other routes. */
const JOB = `CASE WHEN scope LIKE '%"/v1/jobs"]' THEN json_extract(json_extract(response, '$.body'), '$.id') END`;

/** Of a job that has not ended its key keeps a second try from making another one, which would write, too. */
export const oldestAnswers = `SELECT scope, key, first_request_id FROM idempotency_keys
  WHERE expires_at <= $1 AND ${ANSWERS} AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = ${JOB} AND jobs.finished_at IS NULL) ORDER BY expires_at LIMIT $2`;

/** The owner that a scope names, undefined for one that is none of a route. */
function ownerIn(scope: string): { readonly tenant: string; readonly subject: string } | undefined {
  if (!scope.startsWith('[')) return undefined;
  const [tenant, subject] = JSON.parse(scope) as readonly unknown[];
  return typeof tenant === 'string' && typeof subject === 'string' ? { tenant, subject } : undefined;
}

/** Whether its request began to write: further tries of the key must go on writing under its first id, or they would write again. */
async function hasWritten(transaction: SqlTransaction, row: SqlRow): Promise<boolean> {
  const [first, owner] = [optionalText(row, 'first_request_id'), ownerIn(text(row, 'scope'))];
  if (first === undefined || owner === undefined) return false;
  // Between "<id>:" and the character after the colon are the numbers of its calls.
  const begun = await transaction.rows('SELECT 1 AS one FROM idempotency_keys WHERE scope = $1 AND key >= $2 AND key < $3 LIMIT 1', [writeScope('begun', owner), `${first}:`, `${first};`]);
  return begun.length > 0;
}

/**
 * Forgets some answers of an embedded store that would be kept for no more than `leftMs` milliseconds more, the oldest first; of a request that wrote the key stays, without its
 * answer. The number.
 */
export async function shedAnswers(database: SqlDatabase, leftMs: number): Promise<number> {
  return await database.transaction(async (transaction) => {
    const oldest = await transaction.rows(oldestAnswers, [transaction.now + leftMs, pruneBatch]);
    for (const row of oldest) {
      const change = (await hasWritten(transaction, row)) ? 'UPDATE idempotency_keys SET response = NULL' : 'DELETE FROM idempotency_keys';
      await transaction.rows(`${change} WHERE scope = $1 AND key = $2`, [text(row, 'scope'), text(row, 'key')]);
    }
    return oldest.length;
  });
}
