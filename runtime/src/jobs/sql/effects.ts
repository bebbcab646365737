import { flag, optionalJson } from '../../store/sql/row.ts';
import type { SqlTransaction } from '../../store/sql/sql-database.ts';
import type { Lease } from '../job.ts';
import type { EffectBegin } from '../job-store.ts';
import { heldRow } from './fenced.ts';
import { toJson } from './job-row.ts';
import type { QueueContext } from './queue-context.ts';

/** Says that this lease begins the effect, unless an attempt has done so before. */
export async function beginEffect(transaction: SqlTransaction, lease: Lease, effect: string): Promise<EffectBegin> {
  if ((await heldRow(transaction, lease)) === undefined) return { state: 'lost' };
  const [made] = await transaction.rows(
    'INSERT INTO job_effects (job_id, effect, fence, done, value, at) VALUES ($1, $2, $3, FALSE, NULL, $4) ON CONFLICT (job_id, effect) DO NOTHING RETURNING effect',
    [lease.job.id, effect, lease.fence, transaction.now],
  );
  if (made !== undefined) return { state: 'new' };
  const [row] = await transaction.rows('SELECT done, value FROM job_effects WHERE job_id = $1 AND effect = $2', [lease.job.id, effect]);
  if (row === undefined || !flag(row, 'done')) return { state: 'unknown' };
  return { state: 'done', value: optionalJson(row, 'value') };
}

export async function finishEffect(transaction: SqlTransaction, { limits }: QueueContext, lease: Lease, { effect, value }: { readonly effect: string; readonly value: unknown }): Promise<'recorded' | 'lost'> {
  const encoded = toJson(`effect ${effect} of a job`, value, limits.maxJsonLength);
  if ((await heldRow(transaction, lease)) === undefined) return 'lost';
  await recordEffect(transaction, lease, effect, encoded);
  return 'recorded';
}

/** The first value stays: an effect is done once. */
export async function recordEffect(transaction: SqlTransaction, lease: Lease, effect: string, value: string): Promise<void> {
  await transaction.rows(
    `INSERT INTO job_effects (job_id, effect, fence, done, value, at) VALUES ($1, $2, $3, TRUE, $4, $5)
     ON CONFLICT (job_id, effect) DO UPDATE SET done = TRUE, value = $4, fence = $3, at = $5 WHERE job_effects.done = FALSE`,
    [lease.job.id, effect, lease.fence, value, transaction.now],
  );
}
