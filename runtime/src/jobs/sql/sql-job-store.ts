import type { Random } from '../../platform/random.ts';
import type { SqlDatabase, SqlTransaction } from '../../store/sql/sql-database.ts';
import { defaultJobLimits, type JobLimits } from '../job-limits.ts';
import type { JobStore } from '../job-store.ts';
import { claim } from './claim.ts';
import { beginEffect, finishEffect } from './effects.ts';
import { enqueue, Superseded } from './enqueue.ts';
import { newestEvents } from './events.ts';
import { acknowledgeCancel, complete, emit, fail, handOver, heartbeat, putAside } from './lease-writes.ts';
import { cancelJob, getJob, jobEvents, listJobs, redriveJob } from './owner-requests.ts';
import { leave } from './presence.ts';
import { createSqlCallbacks } from './sql-callbacks.ts';
import { sweep } from './sweep.ts';
import { depth, prune } from './upkeep.ts';

export interface SqlJobStoreOptions {
  readonly database: SqlDatabase;
  readonly random: Pick<Random, 'fraction'>;
  readonly limits?: Partial<JobLimits>;
  /** Of the pods that take jobs in by it and work on them. Not set: any worker takes any job. */
  readonly revision?: string | undefined;
}

/** Each verb is one transaction. */
export function createSqlJobStore({ database, random, limits, revision }: SqlJobStoreOptions): JobStore {
  const context = { limits: { ...defaultJobLimits, ...limits }, random, revision };
  const run = <T>(work: (transaction: SqlTransaction) => Promise<T>): Promise<T> => database.transaction(work);
  return {
    enqueue: async (job) => {
      try {
        return await run((transaction) => enqueue(transaction, context, job));
      } catch (error) {
        if (error instanceof Superseded) return { outcome: 'superseded' };
        throw error;
      }
    },
    get: (id, owner) => run((transaction) => getJob(transaction, id, owner)),
    list: (owner, page) => run((transaction) => listJobs(transaction, owner, page)),
    events: (id, owner, from) => run((transaction) => jobEvents(transaction, id, owner, from)),
    newestEvents: (ids) => run((transaction) => newestEvents(transaction, ids)),
    cancel: (id, owner) => run((transaction) => cancelJob(transaction, id, owner)),
    redrive: (id, owner) => run((transaction) => redriveJob(transaction, id, owner)),
    claim: (worker) => run((transaction) => claim(transaction, context, worker)),
    heartbeat: (lease) => run((transaction) => heartbeat(transaction, context, lease)),
    emit: (lease, events) => run((transaction) => emit(transaction, context, lease, events)),
    beginEffect: (lease, effect) => run((transaction) => beginEffect(transaction, lease, effect)),
    finishEffect: (lease, effect, value) => run((transaction) => finishEffect(transaction, context, lease, { effect, value })),
    complete: (lease, result, effects = []) => run((transaction) => complete(transaction, context, lease, { result, effects })),
    fail: (lease, failure) => run((transaction) => fail(transaction, context, lease, failure)),
    acknowledgeCancel: (lease) => run((transaction) => acknowledgeCancel(transaction, lease)),
    handOver: (lease) => run((transaction) => handOver(transaction, lease)),
    putAside: (lease, delayMs) => run((transaction) => putAside(transaction, lease, delayMs)),
    leave: (worker) => run((transaction) => leave(transaction, context, worker)),
    sweep: () => run((transaction) => sweep(transaction, context)),
    prune: (before) => run((transaction) => prune(transaction, before)),
    depth: () => run(depth),
    callbacks: createSqlCallbacks(database, context),
  };
}
