import { integer, json, text } from '../../store/sql/row.ts';
import type { SqlTransaction } from '../../store/sql/sql-database.ts';
import type { JobEvent, NewJobEvent } from '../job.ts';
import type { JobLimits } from '../job-limits.ts';
import { toJson } from './job-row.ts';

/** Of an INTEGER column. */
const LARGEST_INTEGER = 2 ** 31 - 1;

/** Appends what fits below the bound. */
export async function appendEvents(transaction: SqlTransaction, id: string, events: readonly NewJobEvent[], limits: JobLimits): Promise<void> {
  await append(transaction, id, events.map(({ type, data }) => ({ type, data: toJson(`event ${type} of a job`, data, limits.maxJsonLength) })), limits.maxEventsPerJob);
}

/** Changes of state are kept however many events the work has made; attempts bound them. */
export async function appendStateEvent(transaction: SqlTransaction, id: string, type: string, data: unknown = {}): Promise<void> {
  await append(transaction, id, [{ type, data: JSON.stringify(data) }], LARGEST_INTEGER);
}

async function append(transaction: SqlTransaction, id: string, events: readonly { readonly type: string; readonly data: string }[], bound: number): Promise<void> {
  for (const { type, data } of events) {
    const [row] = await transaction.rows('UPDATE jobs SET next_event = next_event + 1 WHERE id = $1 AND next_event <= $2 RETURNING next_event', [id, bound]);
    if (row === undefined) return;
    await transaction.rows('INSERT INTO job_events (job_id, seq, type, data, at) VALUES ($1, $2, $3, $4, $5)', [id, integer(row, 'next_event') - 1, type, data, transaction.now]);
  }
}

/** Every change of a job appends an event, so its last one tells of all. */
export async function newestEvents(transaction: SqlTransaction, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const listed = transaction.dialect === 'sqlite' ? 'SELECT value FROM json_each($1)' : 'SELECT jsonb_array_elements_text($1::jsonb)';
  const rows = await transaction.rows(`SELECT id, next_event FROM jobs WHERE id IN (${listed})`, [JSON.stringify(ids)]);
  return new Map(rows.map((row) => [text(row, 'id'), integer(row, 'next_event') - 1]));
}

export async function readEvents(transaction: SqlTransaction, id: string, from: { readonly after: number; readonly limit: number }): Promise<readonly JobEvent[]> {
  const rows = await transaction.rows('SELECT seq, type, data, at FROM job_events WHERE job_id = $1 AND seq > $2 ORDER BY seq LIMIT $3', [id, from.after, from.limit]);
  return rows.map((row) => ({ id: integer(row, 'seq'), type: text(row, 'type'), data: json(row, 'data'), at: integer(row, 'at') }));
}
