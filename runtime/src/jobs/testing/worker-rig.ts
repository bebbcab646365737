import { setImmediate } from 'node:timers/promises';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { createFakeWallClock } from '../../platform/wall-clock-fake.ts';
import { migrate } from '../../store/migrations/migrate.ts';
import type { Owner } from '../../store/owner.ts';
import { openSqlite } from '../../store/sql/sqlite-database.ts';
import type { Job, NewJob } from '../job.ts';
import type { JobStore } from '../job-store.ts';
import { createSqlJobStore } from '../sql/sql-job-store.ts';
import type { JobHandler } from '../worker/job-handler.ts';
import { createWorker, type Worker, type WorkerEvent } from '../worker/worker.ts';

export const leaseMs = 1_000;
export const owner: Owner = { tenant: 'a', subject: 'ann' };

export interface WorkerRig {
  readonly store: JobStore;
  readonly advance: (milliseconds: number) => Promise<void>;
  readonly enqueue: (id: string, more?: Partial<NewJob>) => Promise<void>;
  readonly job: (id: string) => Promise<Job>;
  /** Starts a worker that runs until the test ends; `over` replaces verbs of its store. */
  readonly start: (handler: JobHandler, options?: { readonly concurrency?: number; readonly over?: Partial<JobStore> }) => { readonly worker: Worker; readonly events: WorkerEvent[]; readonly ended: Promise<void> };
  readonly close: () => Promise<void>;
}

/** Lets everything run that needs no time to pass. */
export async function settleDown(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await setImmediate();
}

/** Workers on an embedded store, at a time that the test moves in small steps. */
export async function createWorkerRig(): Promise<WorkerRig> {
  const clock = createFakeClock();
  const wallClock = createFakeWallClock();
  const database = openSqlite({ file: ':memory:', clock: wallClock, timer: clock });
  await migrate(database);
  const store = createSqlJobStore({ database, random: { fraction: () => 0 }, limits: { leaseMs, maxAttempts: 3, backoff: { firstMs: 100, longestMs: 1_000 }, maxJsonLength: 500 } });
  const advance = async (milliseconds: number): Promise<void> => {
    for (let left = milliseconds; left > 0; left -= 50) {
      await settleDown();
      wallClock.advance(Math.min(50, left));
      clock.advance(Math.min(50, left));
    }
    await settleDown();
  };
  const workers: Worker[] = [];
  return {
    store,
    advance,
    enqueue: async (id, more) => {
      await store.enqueue({ id, owner, payload: { id }, ...more });
    },
    job: async (id) => {
      const found = await store.get(id, owner);
      if (found === undefined) throw new Error(`no job ${id}`);
      return found;
    },
    start: (handler, { concurrency = 2, over = {} } = {}) => {
      const events: WorkerEvent[] = [];
      const worker = createWorker({ store: { ...store, ...over }, handler, name: `w${workers.length}`, clock, concurrency, leaseMs, pollMs: 200, observe: (event) => events.push(event) });
      workers.push(worker);
      return { worker, events, ended: worker.run() };
    },
    close: async () => {
      const drained = Promise.all(workers.map((worker) => worker.drain(0)));
      await advance(2 * leaseMs);
      await drained;
      await database.close();
    },
  };
}
