import type { Owner } from '../owner.ts';
import { isOfAuthority } from '../sql/owned-by.ts';
import { integer, text } from '../sql/row.ts';
import type { Dialect, SqlDatabase, SqlRow, SqlTransaction, SqlValue } from '../sql/sql-database.ts';
import { forgetTasks } from './forget-tasks.ts';
import type { KeptTask, TaskPage, TaskQuery, TaskRecords } from './task-records.ts';

/** Bytes of the tasks of one page, but for its first: they are in memory at once. */
export const maximumPageBytes = 16 * 2 ** 20;

const KEEP = `INSERT INTO task_records (id, tenant, subject, authority, state, body, expires_at, context_id, status, status_at, changes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)
  ON CONFLICT (id) DO UPDATE SET state = $5, body = $6, expires_at = $7, context_id = $8, status = $9, status_at = $10, changes = task_records.changes + 1
  WHERE task_records.state = 'running' AND task_records.tenant = $2 AND task_records.subject = $3`;

/** Pods of older versions count no changes, but end their tasks. */
const CHANGES = "changes + CASE WHEN state = 'ended' THEN 1 ELSE 0 END AS changes";

/** `$1` to `$4`: the owner, and the time. */
const OF_OWNER = `tenant = $1 AND subject = $2 AND ${isOfAuthority('$3')} AND expires_at > $4`;

const LISTED = `FROM task_records WHERE ${OF_OWNER} AND status_at > $5 AND ($6 = '' OR context_id = $6) AND ($7 = '' OR status = $7)`;

function ownerParameters({ tenant, subject, authority }: Owner, now: number): readonly SqlValue[] {
  return [tenant, subject, authority ?? null, now];
}

/** The ids in the JSON of `$1`. */
function idsIn(dialect: Dialect): string {
  return dialect === 'sqlite' ? 'SELECT value FROM json_each($1)' : 'SELECT jsonb_array_elements_text($1::jsonb)';
}

function toKept(row: SqlRow): KeptTask {
  return { state: text(row, 'state') === 'ended' ? 'ended' : 'running', body: text(row, 'body'), changes: integer(row, 'changes') };
}

async function findTask(transaction: SqlTransaction, id: string, owner: Owner): Promise<KeptTask | undefined> {
  const [row] = await transaction.rows(`SELECT state, body, ${CHANGES} FROM task_records WHERE ${OF_OWNER} AND id = $5`, [...ownerParameters(owner, transaction.now), id]);
  return row === undefined ? undefined : toKept(row);
}

/** As many of the rows as are no more than the bytes of a page together, and one at least. */
function withinPage(rows: readonly SqlRow[], limit: number): readonly SqlRow[] {
  let bytes = 0;
  const fits = rows.slice(0, limit).findIndex((row, index) => {
    bytes += integer(row, 'bytes');
    return index > 0 && bytes > maximumPageBytes;
  });
  return rows.slice(0, fits === -1 ? limit : fits);
}

async function bodiesOf(transaction: SqlTransaction, ids: readonly string[]): Promise<readonly string[]> {
  const rows = await transaction.rows(`SELECT id, body FROM task_records WHERE id IN (${idsIn(transaction.dialect)})`, [JSON.stringify(ids)]);
  const bodies = new Map(rows.map((row) => [text(row, 'id'), text(row, 'body')]));
  return ids.flatMap((id) => bodies.get(id) ?? []);
}

async function listTasks(transaction: SqlTransaction, owner: Owner, { contextId = '', status = '', after = -1, below, limit }: TaskQuery): Promise<TaskPage> {
  const parameters = [...ownerParameters(owner, transaction.now), after, contextId, status];
  const [counted] = await transaction.rows(`SELECT count(*) AS total ${LISTED}`, parameters);
  const place = [below?.statusAt ?? Number.MAX_SAFE_INTEGER, below?.id ?? ''];
  const rows = await transaction.rows(
    `SELECT id, status_at, octet_length(body) AS bytes ${LISTED} AND (status_at < $8 OR (status_at = $8 AND id < $9)) ORDER BY status_at DESC, id DESC LIMIT $10`,
    [...parameters, ...place, limit + 1],
  );
  const page = withinPage(rows, limit);
  const last = page.at(-1);
  const next = last === undefined || page.length === rows.length ? {} : { next: { statusAt: integer(last, 'status_at'), id: text(last, 'id') } };
  return { bodies: await bodiesOf(transaction, page.map((row) => text(row, 'id'))), total: counted === undefined ? 0 : integer(counted, 'total'), ...next };
}

export function createSqlTaskRecords(database: SqlDatabase): TaskRecords {
  return {
    keep: ({ id, owner: { tenant, subject, authority }, state, body, keepMs, contextId, status, statusAt }) =>
      database.transaction(async (transaction) => {
        await transaction.rows(KEEP, [id, tenant, subject, authority ?? null, state, body, transaction.now + keepMs, contextId, status, statusAt]);
      }),
    find: (id, owner) => database.transaction((transaction) => findTask(transaction, id, owner)),
    list: (owner, query) => database.transaction((transaction) => listTasks(transaction, owner, query)),
    requestCancel: (id, owner) =>
      database.transaction(async (transaction) => {
        await transaction.rows(`UPDATE task_records SET cancel_requested = TRUE WHERE ${OF_OWNER} AND id = $5 AND state = 'running'`, [...ownerParameters(owner, transaction.now), id]);
        return await findTask(transaction, id, owner);
      }),
    cancelRequested: (ids) =>
      database.transaction(async (transaction) => {
        const rows = await transaction.rows(`SELECT id FROM task_records WHERE id IN (${idsIn(transaction.dialect)}) AND state = 'running' AND cancel_requested`, [JSON.stringify(ids)]);
        return rows.map((row) => text(row, 'id'));
      }),
    changes: (ids) =>
      database.transaction(async (transaction) => {
        const rows = await transaction.rows(`SELECT id, ${CHANGES} FROM task_records WHERE id IN (${idsIn(transaction.dialect)}) AND expires_at > $2`, [JSON.stringify(ids), transaction.now]);
        return new Map(rows.map((row) => [text(row, 'id'), integer(row, 'changes')]));
      }),
    prune: () => forgetTasks(database, { which: 'all', leftMs: 0 }),
  };
}
