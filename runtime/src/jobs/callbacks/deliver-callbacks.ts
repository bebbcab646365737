import type { Clock } from '../../platform/clock.ts';
import { withDeadline } from '@sluice/evals/deadline';
import type { WallClock } from '../../platform/wall-clock.ts';
import { isoTime } from '../../store/sql/timestamp.ts';
import type { Job } from '../job.ts';
import type { CallbackDue, CallbackQueue } from './callback-queue.ts';
import { signCallback } from './signature.ts';

/** Sends one POST. It must not follow redirects, and must hold the egress rules: the address comes from a caller. */
export type CallbackSender = (request: { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: string; readonly signal: AbortSignal }) => Promise<{ readonly status: number }>;

export interface DeliverOptions {
  readonly queue: CallbackQueue;
  readonly send: CallbackSender;
  /** The newest first. Asked for each time, as they rotate. */
  readonly secrets: () => readonly string[];
  readonly clock: Clock;
  readonly wallClock: WallClock;
  /** Milliseconds for one try; below the lease of a callback. */
  readonly timeoutMs: number;
  /** Put around each try. Default: nothing. */
  readonly around?: (due: CallbackDue, send: () => Promise<{ readonly status: number }>) => Promise<{ readonly status: number }>;
  readonly onFailure?: (due: CallbackDue, reason: { readonly status: number } | { readonly error: unknown }) => void;
}

export type Delivered = 'delivered' | 'later' | 'given-up' | 'lost';

/** What the receiver gets. */
export function callbackBody(job: Job): string {
  const { id, state, result, error, finishedAt } = job;
  return JSON.stringify({ type: `job.${state}`, timestamp: isoTime(finishedAt ?? job.createdAt), data: { id, state, ...(result === undefined ? {} : { result }), ...(error === undefined ? {} : { error }) } });
}

async function attempt(options: DeliverOptions, due: CallbackDue, signal: AbortSignal): Promise<'delivered' | 'failed'> {
  const body = callbackBody(due.job);
  // One id for all tries: the receiver knows a repeated message by it.
  const signed = signCallback({ id: `${due.job.id}.${due.job.finishedAt ?? 0}`, atSeconds: Math.floor(options.wallClock.now() / 1_000), body }, options.secrets());
  const limit = { milliseconds: options.timeoutMs, signal, expired: () => new Error(`no answer within ${options.timeoutMs} ms`) };
  try {
    const send = (): Promise<{ readonly status: number }> => withDeadline(options.clock, limit, (within) => options.send({ url: due.url, headers: { 'content-type': 'application/json', ...signed }, body, signal: within }));
    const { status } = await (options.around === undefined ? send() : options.around(due, send));
    if (status >= 200 && status < 300) return 'delivered';
    options.onFailure?.(due, { status });
  } catch (error) {
    signal.throwIfAborted();
    options.onFailure?.(due, { error });
  }
  return 'failed';
}

/** Delivers a callback that was claimed. Throws the signal's reason, and StoreError. */
export async function deliverOne(options: DeliverOptions, due: CallbackDue, signal: AbortSignal): Promise<Delivered> {
  if ((await attempt(options, due, signal)) === 'failed') return options.queue.undelivered(due);
  return (await options.queue.delivered(due)) === 'lost' ? 'lost' : 'delivered';
}
