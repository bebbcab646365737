import { isOfAuthority } from '../sql/owned-by.ts';
import { text } from '../sql/row.ts';
import type { SqlDatabase } from '../sql/sql-database.ts';
import type { TaskRecords } from './task-records.ts';

const PRUNE_BATCH = 1_000;

const KEEP = `INSERT INTO task_records (id, tenant, subject, authority, state, body, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (id) DO UPDATE SET state = $5, body = $6, expires_at = $7 WHERE task_records.state = 'running' AND task_records.tenant = $2 AND task_records.subject = $3`;

export function createSqlTaskRecords(database: SqlDatabase): TaskRecords {
  return {
    keep: ({ id, owner: { tenant, subject, authority }, state, body, keepMs }) =>
      database.transaction(async (transaction) => {
        await transaction.rows(KEEP, [id, tenant, subject, authority ?? null, state, body, transaction.now + keepMs]);
      }),
    find: (id, { tenant, subject, authority }) =>
      database.transaction(async (transaction) => {
        const [row] = await transaction.rows(`SELECT body FROM task_records WHERE id = $1 AND tenant = $2 AND subject = $3 AND expires_at > $4 AND ${isOfAuthority('$5')}`, [id, tenant, subject, transaction.now, authority ?? null]);
        return row === undefined ? undefined : text(row, 'body');
      }),
    prune: () =>
      database.transaction(async (transaction) => {
        const gone = await transaction.rows('DELETE FROM task_records WHERE id IN (SELECT id FROM task_records WHERE expires_at <= $1 LIMIT $2) RETURNING id', [transaction.now, PRUNE_BATCH]);
        return gone.length;
      }),
  };
}
