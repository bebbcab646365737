import { pruneBatch } from '../../store/prune-all.ts';
import { integer, optionalInteger, text } from '../../store/sql/row.ts';
import type { SqlTransaction } from '../../store/sql/sql-database.ts';
import type { QueueDepth } from '../job-store.ts';
import { tenantLock } from './enqueue.ts';

/** Tenants without a job are forgotten, one by one under the lock that `enqueue` takes too. */
async function forgetTenants(transaction: SqlTransaction): Promise<void> {
  const idle = await transaction.rows('SELECT tenant FROM job_tenants t WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.tenant = t.tenant) ORDER BY tenant LIMIT $1', [pruneBatch]);
  for (const row of idle) {
    const tenant = text(row, 'tenant');
    await transaction.lock(tenantLock(tenant));
    await transaction.rows('DELETE FROM job_tenants WHERE tenant = $1 AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.tenant = $1)', [tenant]);
  }
}

/** Some of those that ended before; the caller comes again. The end is asked for twice: a dead job may be queued again in between. */
export async function prune(transaction: SqlTransaction, before: number): Promise<number> {
  const gone = await transaction.rows('DELETE FROM jobs WHERE finished_at < $1 AND id IN (SELECT id FROM jobs WHERE finished_at < $1 ORDER BY finished_at LIMIT $2) RETURNING id', [before, pruneBatch]);
  // With the last of them, and not with each batch.
  if (gone.length < pruneBatch) await forgetTenants(transaction);
  return gone.length;
}

export async function depth(transaction: SqlTransaction): Promise<QueueDepth> {
  const rows = await transaction.rows("SELECT state, count(*) AS n FROM jobs WHERE state IN ('queued', 'running', 'dead') GROUP BY state");
  const count = (state: string): number => {
    const row = rows.find((each) => each['state'] === state);
    return row === undefined ? 0 : integer(row, 'n');
  };
  const [oldest] = await transaction.rows("SELECT min(run_at) AS since FROM jobs WHERE state = 'queued' AND run_at <= $1", [transaction.now]);
  const since = oldest === undefined ? undefined : optionalInteger(oldest, 'since');
  return { queued: count('queued'), running: count('running'), dead: count('dead'), oldestWaitMs: since === undefined ? 0 : transaction.now - since };
}
