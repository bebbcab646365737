import { integer, text } from '../../store/sql/row.ts';
import type { SqlTransaction } from '../../store/sql/sql-database.ts';
import type { Lease } from '../job.ts';
import { appendStateEvent } from './events.ts';
import { toJob } from './job-row.ts';
import { mayTake, presenceParameters, showPresence } from './presence.ts';
import type { QueueContext } from './queue-context.ts';
import { sweep } from './sweep.ts';

/** A cancel may take the job that was picked before it is marked; then the next one is picked. */
const TRIES = 3;

/** The tenant whose turn it is: fewest running, then longest not served. */
async function nextTenant(transaction: SqlTransaction, context: QueueContext): Promise<string | undefined> {
  const [row] = await transaction.rows(
    // A scalar subquery and no EXISTS: SQLite makes a join of that, and counts for each job that waits.
    `SELECT tenant FROM (
       SELECT t.tenant, t.last_claim,
         (SELECT count(*) FROM jobs r WHERE r.tenant = t.tenant AND r.state = 'running') AS running,
         (SELECT 1 FROM jobs j WHERE j.tenant = t.tenant AND j.state = 'queued' AND j.run_at <= $1 AND ${mayTake('j.revision', { since: '$3', own: '$4' })} LIMIT 1) AS ready
       FROM job_tenants t
     ) tenants WHERE ready = 1 AND running < $2 ORDER BY running, last_claim, tenant LIMIT 1`,
    [transaction.now, context.limits.maxRunningPerTenant, ...presenceParameters(transaction, context)],
  );
  return row === undefined ? undefined : text(row, 'tenant');
}

async function markServed(transaction: SqlTransaction, tenant: string): Promise<void> {
  await transaction.rows('UPDATE job_tenants SET last_claim = (SELECT max(last_claim) + 1 FROM job_tenants) WHERE tenant = $1', [tenant]);
}

async function take(transaction: SqlTransaction, context: QueueContext, { tenant, worker }: { readonly tenant: string; readonly worker: string }): Promise<Lease | undefined> {
  const until = transaction.now + context.limits.leaseMs;
  const [row] = await transaction.rows(
    `UPDATE jobs SET state = 'running', fence = fence + 1, attempts = attempts + 1, worker = $3, lease_until = $4, error = NULL, updated_at = $2
     WHERE state = 'queued' AND id = (SELECT id FROM jobs WHERE tenant = $1 AND state = 'queued' AND run_at <= $2 AND ${mayTake('revision', { since: '$5', own: '$6' })} ORDER BY rank, seq LIMIT 1) RETURNING *`,
    [tenant, transaction.now, worker, until, ...presenceParameters(transaction, context)],
  );
  return row === undefined ? undefined : { job: toJob(row), worker, fence: integer(row, 'fence'), until };
}

/** Claims are made one after the other, so that turns and the limit of each tenant hold however many workers there are. */
export async function claim(transaction: SqlTransaction, context: QueueContext, worker: string): Promise<Lease | undefined> {
  await transaction.lock('job-claims');
  await showPresence(transaction, context, worker);
  await sweep(transaction, context);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const tenant = await nextTenant(transaction, context);
    if (tenant === undefined) return undefined;
    const lease = await take(transaction, context, { tenant, worker });
    if (lease === undefined) continue;
    await markServed(transaction, tenant);
    await appendStateEvent(transaction, lease.job.id, 'started', { attempt: lease.job.attempts });
    return lease;
  }
  return undefined;
}
