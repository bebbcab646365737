import { isOfAuthority } from '../../store/sql/owned-by.ts';
import { integer } from '../../store/sql/row.ts';
import type { SqlRow, SqlTransaction } from '../../store/sql/sql-database.ts';
import type { Owner } from '../../store/owner.ts';
import { pageReach, pageStart, toPage, type Page, type PageRequest } from '../../store/page.ts';
import { isEnd, type Job, type JobEvent, type JobState } from '../job.ts';
import type { Cancelled } from '../job-store.ts';
import { requeue } from './attempt-end.ts';
import { endJob } from './end.ts';
import { appendStateEvent, readEvents } from './events.ts';
import { toJob } from './job-row.ts';

/** The row of a job of this owner, held against workers until the transaction ends. */
async function ownedRow(transaction: SqlTransaction, id: string, owner: Owner): Promise<SqlRow | undefined> {
  const [row] = await transaction.rows(`UPDATE jobs SET updated_at = $4 WHERE id = $1 AND tenant = $2 AND subject = $3 AND ${isOfAuthority('$5')} RETURNING *`, [id, owner.tenant, owner.subject, transaction.now, owner.authority ?? null]);
  return row;
}

export async function getJob(transaction: SqlTransaction, id: string, owner: Owner): Promise<Job | undefined> {
  const [row] = await transaction.rows(`SELECT * FROM jobs WHERE id = $1 AND tenant = $2 AND subject = $3 AND ${isOfAuthority('$4')}`, [id, owner.tenant, owner.subject, owner.authority ?? null]);
  return row === undefined ? undefined : toJob(row);
}

export async function listJobs(transaction: SqlTransaction, owner: Owner, request: PageRequest & { readonly state?: JobState | undefined }): Promise<Page<Job>> {
  const rows = await transaction.rows(
    `SELECT * FROM jobs WHERE tenant = $1 AND subject = $2 AND seq < $3 AND ($4 = 'any' OR state = $4) AND ${isOfAuthority('$6')} ORDER BY seq DESC LIMIT $5`,
    [owner.tenant, owner.subject, pageStart(request), request.state ?? 'any', pageReach(request), owner.authority ?? null],
  );
  return toPage(request, rows.map((row) => ({ seq: integer(row, 'seq'), item: toJob(row) })));
}

export async function jobEvents(transaction: SqlTransaction, id: string, owner: Owner, from: { readonly after: number; readonly limit: number }): Promise<readonly JobEvent[] | undefined> {
  return (await getJob(transaction, id, owner)) === undefined ? undefined : readEvents(transaction, id, from);
}

/** What waits ends at once; what runs is ended by its worker, or when its lease lapses. */
export async function cancelJob(transaction: SqlTransaction, id: string, owner: Owner): Promise<Cancelled> {
  const row = await ownedRow(transaction, id, owner);
  if (row === undefined) return 'unknown';
  const { state } = toJob(row);
  if (isEnd(state)) return 'ended';
  await transaction.rows('UPDATE jobs SET cancel_requested = TRUE WHERE id = $1', [id]);
  if (state === 'running') return 'cancelling';
  await endJob(transaction, id, { state: 'cancelled' });
  return 'cancelled';
}

export async function redriveJob(transaction: SqlTransaction, id: string, owner: Owner): Promise<'queued' | 'not-dead' | 'unknown'> {
  const row = await ownedRow(transaction, id, owner);
  if (row === undefined) return 'unknown';
  if (toJob(row).state !== 'dead') return 'not-dead';
  await requeue(transaction, id, { runAt: transaction.now, error: null });
  await transaction.rows('UPDATE jobs SET attempts = 0, finished_at = NULL WHERE id = $1', [id]);
  await transaction.rows('DELETE FROM job_callbacks WHERE job_id = $1', [id]);
  await appendStateEvent(transaction, id, 'queued');
  return 'queued';
}
