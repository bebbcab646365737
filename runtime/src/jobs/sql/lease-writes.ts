import { flag } from '../../store/sql/row.ts';
import type { SqlTransaction } from '../../store/sql/sql-database.ts';
import { afterFailure } from '../after-attempt.ts';
import type { Lease, NewJobEvent } from '../job.ts';
import type { Failed, Failure, Heartbeat } from '../job-store.ts';
import { endAttempt, requeue } from './attempt-end.ts';
import { recordEffect } from './effects.ts';
import { endJob } from './end.ts';
import { appendEvents, appendStateEvent } from './events.ts';
import { heldRow } from './fenced.ts';
import { toJob, toJson } from './job-row.ts';
import { showPresence } from './presence.ts';
import type { QueueContext } from './queue-context.ts';

export async function heartbeat(transaction: SqlTransaction, context: QueueContext, lease: Lease): Promise<Heartbeat> {
  // A worker that has all it can do looks for no more jobs.
  await showPresence(transaction, context, lease.worker);
  const [row] = await transaction.rows("UPDATE jobs SET lease_until = $3 WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING cancel_requested", [
    lease.job.id,
    lease.fence,
    transaction.now + context.limits.leaseMs,
  ]);
  if (row === undefined) return 'lost';
  return flag(row, 'cancel_requested') ? 'cancel' : 'continue';
}

export async function emit(transaction: SqlTransaction, { limits }: QueueContext, lease: Lease, events: readonly NewJobEvent[]): Promise<'recorded' | 'lost'> {
  if ((await heldRow(transaction, lease)) === undefined) return 'lost';
  await appendEvents(transaction, lease.job.id, events, limits);
  return 'recorded';
}

export async function complete(transaction: SqlTransaction, { limits }: QueueContext, lease: Lease, end: { readonly result: unknown; readonly effects: readonly { readonly effect: string; readonly value: unknown }[] }): Promise<'succeeded' | 'lost'> {
  const result = toJson('the result of a job', end.result, limits.maxJsonLength);
  if ((await heldRow(transaction, lease)) === undefined) return 'lost';
  for (const { effect, value } of end.effects) await recordEffect(transaction, lease, effect, toJson(`effect ${effect} of a job`, value, limits.maxJsonLength));
  await endJob(transaction, lease.job.id, { state: 'succeeded', result });
  return 'succeeded';
}

export async function fail(transaction: SqlTransaction, { limits, random }: QueueContext, lease: Lease, failure: Failure): Promise<Failed> {
  const row = await heldRow(transaction, lease);
  if (row === undefined) return { outcome: 'lost' };
  const job = toJob(row);
  return endAttempt(transaction, job, afterFailure(job, failure, { backoff: limits.backoff, random }), failure.error);
}

export async function acknowledgeCancel(transaction: SqlTransaction, lease: Lease): Promise<'cancelled' | 'lost'> {
  const row = await heldRow(transaction, lease);
  if (row === undefined || !flag(row, 'cancel_requested')) return 'lost';
  await endJob(transaction, lease.job.id, { state: 'cancelled' });
  return 'cancelled';
}

/** Untried, until the answer that it waits for is there or `delayMs` have passed. An answer that came while it was put aside is not waited for. */
export async function putAside(transaction: SqlTransaction, lease: Lease, delayMs: number): Promise<'queued' | 'cancelled' | 'lost'> {
  const row = await heldRow(transaction, lease);
  if (row === undefined) return 'lost';
  if (flag(row, 'cancel_requested')) {
    await endJob(transaction, lease.job.id, { state: 'cancelled' });
    return 'cancelled';
  }
  const [open] = await transaction.rows("SELECT 1 AS one FROM batched_turns WHERE job_id = $1 AND state IN ('waiting', 'sent')", [lease.job.id]);
  const runAt = open === undefined ? transaction.now : transaction.now + delayMs;
  await requeue(transaction, lease.job.id, { runAt, error: null });
  await transaction.rows('UPDATE jobs SET attempts = attempts - 1 WHERE id = $1', [lease.job.id]);
  await appendStateEvent(transaction, lease.job.id, 'waiting', { run_at: runAt });
  return 'queued';
}

/** The attempt is given back too: a pod that drains is no fault of the job. */
export async function handOver(transaction: SqlTransaction, lease: Lease): Promise<'queued' | 'cancelled' | 'lost'> {
  const row = await heldRow(transaction, lease);
  if (row === undefined) return 'lost';
  if (flag(row, 'cancel_requested')) {
    await endJob(transaction, lease.job.id, { state: 'cancelled' });
    return 'cancelled';
  }
  await requeue(transaction, lease.job.id, { runAt: transaction.now, error: null });
  await transaction.rows('UPDATE jobs SET attempts = attempts - 1 WHERE id = $1', [lease.job.id]);
  await appendStateEvent(transaction, lease.job.id, 'handed_over');
  return 'queued';
}
