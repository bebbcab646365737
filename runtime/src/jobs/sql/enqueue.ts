import { defaultIdempotencyLimits } from '../../idempotency/idempotency-store.ts';
import { completeClaim } from '../../idempotency/sql/sql-idempotency-store.ts';
import { integer } from '../../store/sql/row.ts';
import type { SqlTransaction } from '../../store/sql/sql-database.ts';
import { StoreError } from '../../store/store-error.ts';
import type { Job, NewJob } from '../job.ts';
import type { Enqueued } from '../job-store.ts';
import { appendStateEvent } from './events.ts';
import { toJob, toJson } from './job-row.ts';
import type { QueueContext } from './queue-context.ts';

const HIGHEST_PRIORITY = 10;

function checkedPriority(priority: number): number {
  if (Number.isInteger(priority) && Math.abs(priority) <= HIGHEST_PRIORITY) return priority;
  throw new StoreError('rejected', `the priority of a job is ${priority}: give a whole number from -${HIGHEST_PRIORITY} to ${HIGHEST_PRIORITY}`);
}

/** Held by whoever adds a tenant's jobs, or forgets a tenant that has none. */
export function tenantLock(tenant: string): string {
  return `job-tenant:${tenant}`;
}

async function count(transaction: SqlTransaction, tenant: string): Promise<{ readonly own: number; readonly all: number }> {
  const [own] = await transaction.rows("SELECT count(*) AS n FROM jobs WHERE tenant = $1 AND state = 'queued'", [tenant]);
  const [all] = await transaction.rows("SELECT count(*) AS n FROM jobs WHERE state = 'queued'");
  return { own: own === undefined ? 0 : integer(own, 'n'), all: all === undefined ? 0 : integer(all, 'n') };
}

/** Ends a transaction that has written the job already. */
export class Superseded extends Error {
  override readonly name = 'Superseded';
}

async function keepAnswer(transaction: SqlTransaction, { once }: NewJob, queued: Job): Promise<void> {
  if (once === undefined) return;
  const kept = await completeClaim(transaction, defaultIdempotencyLimits, { claim: once.claim, response: once.responseOf(queued) });
  if (kept !== 'stored') throw new Superseded('the key of the job is of another try');
}

export async function enqueue(transaction: SqlTransaction, { limits, revision }: QueueContext, job: NewJob): Promise<Enqueued> {
  const priority = checkedPriority(job.priority ?? 0);
  const payload = toJson('the payload of a job', job.payload, limits.maxJsonLength);
  // Counts hold while they are acted upon, and nobody forgets the tenant in between.
  await transaction.lock(tenantLock(job.owner.tenant));
  const waiting = await count(transaction, job.owner.tenant);
  if (waiting.own >= limits.maxQueuedPerTenant) return { outcome: 'quota', limit: limits.maxQueuedPerTenant };
  if (waiting.all >= limits.maxQueued) return { outcome: 'full', limit: limits.maxQueued };
  const { now } = transaction;
  await transaction.rows('INSERT INTO job_tenants (tenant, last_claim) VALUES ($1, 0) ON CONFLICT (tenant) DO NOTHING', [job.owner.tenant]);
  const [row] = await transaction.rows(
    `INSERT INTO jobs (id, tenant, subject, priority, rank, payload, state, max_attempts, run_at, callback_url, created_at, updated_at, revision, authority)
     VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7, $8, $9, $10, $10, $11, $12) RETURNING *`,
    [job.id, job.owner.tenant, job.owner.subject, priority, now - priority * limits.priorityStepMs, payload, job.maxAttempts ?? limits.maxAttempts, now + (job.delayMs ?? 0), job.callbackUrl ?? null, now, revision ?? null, job.owner.authority ?? null],
  );
  if (row === undefined) throw new StoreError('corrupt', 'a job that was written is not there');
  await appendStateEvent(transaction, job.id, 'queued');
  const queued = toJob(row);
  await keepAnswer(transaction, job, queued);
  return { outcome: 'queued', job: queued };
}
