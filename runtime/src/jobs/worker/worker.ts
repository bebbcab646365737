import type { Clock } from '../../platform/clock.ts';
import { abortable, sleep } from '@sluice/evals/deadline';
import type { JobStore } from '../job-store.ts';
import type { Lease } from '../job.ts';
import { createBell } from './bell.ts';
import { keepAlive } from './heartbeats.ts';
import { JobStopped } from './job-failure.ts';
import type { JobHandler } from './job-handler.ts';
import { createJobRun } from './job-run.ts';
import { settle, type Settled, type WorkEnd } from './settle.ts';

export type WorkerEvent =
  | { readonly type: 'started'; readonly lease: Lease }
  | { readonly type: 'ended'; readonly lease: Lease; readonly outcome: Settled; readonly milliseconds: number; /** What the handler threw; for logs. */ readonly error?: unknown }
  | { readonly type: 'store-error'; readonly error: unknown };

export interface WorkerOptions {
  readonly store: JobStore;
  readonly handler: JobHandler;
  /** Names this process in the store. */
  readonly name: string;
  readonly clock: Clock;
  /** Jobs at a time. */
  readonly concurrency: number;
  /** Milliseconds that a lease of the store lasts. */
  readonly leaseMs: number;
  /** Milliseconds between two looks at an empty queue. */
  readonly pollMs: number;
  readonly observe: (event: WorkerEvent) => void;
}

export interface Worker {
  /** Takes jobs until `drain`. Resolves when the last is settled. */
  readonly run: () => Promise<void>;
  /** Looks at the queue at once: a job was added. */
  readonly wake: () => void;
  /** Looks after a job at once, if it runs here: its owner may want it stopped. */
  readonly lookAfter: (jobId: string) => void;
  /** Takes no more, gives those that run `graceMs` milliseconds, and hands the rest over to other workers. */
  readonly drain: (graceMs: number) => Promise<void>;
  readonly running: () => number;
}

async function work(options: WorkerOptions, lease: Lease, stop: AbortController): Promise<WorkEnd> {
  try {
    const result = await abortable(options.handler(createJobRun(options.store, lease, stop.signal)), stop.signal);
    return { kind: 'result', result };
  } catch (error) {
    const stopped = stop.signal.aborted ? (stop.signal.reason as unknown) : error;
    return stopped instanceof JobStopped ? { kind: 'stopped', reason: stopped.reason } : { kind: 'failure', error };
  }
}

/** A job that is worked on here. */
interface Running {
  readonly stop: AbortController;
  /** Set to look after it at once, once it has begun. */
  beat: () => void;
}

async function runLease(options: WorkerOptions, lease: Lease, running: Running): Promise<void> {
  const { stop } = running;
  const { store, clock, leaseMs, observe } = options;
  const onError = (error: unknown): void => observe({ type: 'store-error', error });
  const began = clock.now();
  observe({ type: 'started', lease });
  const everyMs = Math.max(1, Math.floor(leaseMs / 4));
  const heartbeats = keepAlive(lease, stop, { store, clock, everyMs, leaseMs, onError });
  running.beat = heartbeats.beat;
  const end = await work(options, lease, stop);
  heartbeats.end();
  const outcome = await settle(store, lease, end, { clock, forMs: leaseMs, pauseMs: everyMs, onError });
  observe({ type: 'ended', lease, outcome, milliseconds: clock.now() - began, ...(end.kind === 'failure' && outcome !== 'waiting' ? { error: end.error } : {}) });
}

/** Works on jobs of a store, as many at a time as it may. */
export function createWorker(options: WorkerOptions): Worker {
  const { store, clock, concurrency, pollMs, observe } = options;
  const bell = createBell();
  const running = new Map<string, Running & { readonly done: Promise<void> }>();
  const settled = async (): Promise<void> => void (await Promise.all([...running.values()].map(({ done }) => done)));
  const draining = new AbortController();

  const begin = (lease: Lease): void => {
    // A job that was lost and taken again by this same worker runs twice for a moment.
    const key = `${lease.job.id}/${lease.fence}`;
    const entry: Running = { stop: new AbortController(), beat: () => {} };
    const done = runLease(options, lease, entry).finally(() => {
      running.delete(key);
      bell.ring();
    });
    running.set(key, { stop: entry.stop, beat: () => entry.beat(), done });
  };
  const claim = async (): Promise<Lease | undefined> => {
    try {
      return await store.claim(options.name);
    } catch (error) {
      observe({ type: 'store-error', error });
      return undefined;
    }
  };
  /** Whether there may be more to take. */
  const takeOne = async (): Promise<boolean> => {
    if (draining.signal.aborted || running.size >= concurrency) return false;
    const lease = await claim();
    if (lease !== undefined) begin(lease);
    return lease !== undefined;
  };

  return {
    running: () => running.size,
    wake: bell.ring,
    lookAfter: (jobId) => {
      for (const [key, { beat }] of running) if (key.startsWith(`${jobId}/`)) beat();
    },
    run: async () => {
      while (!draining.signal.aborted) {
        while (await takeOne());
        if (!draining.signal.aborted) await bell.wait(clock, running.size >= concurrency ? undefined : pollMs);
      }
      await settled();
      await store.leave(options.name).catch((error: unknown) => observe({ type: 'store-error', error }));
    },
    drain: async (graceMs) => {
      draining.abort();
      bell.ring();
      const waited = new AbortController();
      const grace = sleep(clock, graceMs, waited.signal).catch(() => undefined);
      await Promise.race([settled(), grace]);
      waited.abort();
      for (const { stop } of running.values()) stop.abort(new JobStopped('draining'));
      await settled();
    },
  };
}
