import type { Server } from 'node:http';
import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../platform/clock.ts';
import { sleep } from '@sluice/evals/deadline';
import { ShuttingDown } from '../server/problem.ts';
import type { ActiveRequests } from './active-requests.ts';
import type { Readiness } from './readiness.ts';

export interface DrainOptions {
  readonly servers: readonly Server[];
  /** Stops listening and resolves when the last connection of all servers is gone. */
  readonly close: () => Promise<void>;
  readonly readiness: Readiness;
  readonly active: ActiveRequests;
  readonly clock: Clock;
  readonly log: FastifyBaseLogger;
  /**
   * Milliseconds from the signal to the exit. Requests are finished until one second before, so it takes 3 s more than the longest
   * request for one that begins at the end of the grace to be finished too.
   */
  readonly timeoutMilliseconds: number;
}

export interface Drained {
  /** `cut`: the time was over before the last request was. */
  readonly outcome: 'finished' | 'cut';
  /** Requests that were under way at the signal, and those that were told in the end that they are cut. */
  readonly requests: { readonly inFlight: number; readonly cut: number };
}

/** New connections are still served for this long, while the endpoints are withdrawn. */
const longestGraceMilliseconds = 2_000;
/** Kept back for telling the remaining callers that they are cut. */
const cutMilliseconds = 1_000;
const idleSweepMilliseconds = 100;

interface Closing {
  readonly done: Promise<void>;
  readonly isDone: () => boolean;
}

/** A connection whose answer went out after close() was called stays open until its client leaves it, so idle ones are swept. */
function beginClosing(options: DrainOptions): Closing {
  let closed = false;
  const sweep = (): void => {
    if (closed) return;
    for (const server of options.servers) server.closeIdleConnections();
    options.clock.after(idleSweepMilliseconds, sweep);
  };
  const done = options.close().finally(() => {
    closed = true;
  });
  sweep();
  return { done, isDone: () => closed };
}

async function waitFor(closing: Closing, options: DrainOptions, milliseconds: number): Promise<void> {
  const over = new AbortController();
  const limit = sleep(options.clock, Math.max(0, milliseconds), over.signal).catch(() => {});
  await Promise.race([closing.done, limit]);
  over.abort();
}

/**
 * Ends the servers without losing a request: readiness off, a grace in which it still serves, then no new connections,
 * and every request finished that ends within the time. Watchers are told to go elsewhere. What is left in its last second is told so and cut.
 */
export async function drain(options: DrainOptions): Promise<Drained> {
  const started = options.clock.now();
  const inFlight = options.active.count();
  options.readiness.beginDraining();
  options.log.info({ in_flight: inFlight }, 'draining');
  await sleep(options.clock, Math.min(longestGraceMilliseconds, options.timeoutMilliseconds / 5), new AbortController().signal);
  // Whoever follows a job goes on at another replica; waiting for the end of the job would hold this one until the end of its time.
  options.active.abortWatches(new ShuttingDown());
  const closing = beginClosing(options);
  await waitFor(closing, options, options.timeoutMilliseconds - cutMilliseconds - (options.clock.now() - started));
  if (closing.isDone()) return { outcome: 'finished', requests: { inFlight, cut: 0 } };
  const cut = options.active.count();
  options.log.warn({ in_flight: cut }, 'drain timeout: cutting the remaining requests');
  options.active.abortAll(new ShuttingDown());
  await waitFor(closing, options, cutMilliseconds / 2);
  for (const server of options.servers) server.closeAllConnections();
  return { outcome: 'cut', requests: { inFlight, cut } };
}
