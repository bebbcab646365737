import { sleep } from '@sluice/evals/deadline';
import { receiverOf, type CallbackDue } from './callback-queue.ts';
import { deliverOne, type DeliverOptions } from './deliver-callbacks.ts';

export interface CallbackLoopOptions extends DeliverOptions {
  /** Milliseconds between two looks when nothing is due. */
  readonly idleMs: number;
  /** Callbacks that are on their way at a time. */
  readonly concurrency: number;
  /** Of these, to one receiver: one that is slow or silent leaves the rest to the others. */
  readonly perReceiver: number;
  /** Told of a store that cannot be reached. */
  readonly onError: (error: unknown) => void;
}

/** What is on its way, and to whom. */
class UnderWay {
  readonly #ends = new Map<Promise<void>, string>();
  readonly #perReceiver: number;

  constructor(perReceiver: number) {
    this.#perReceiver = perReceiver;
  }

  get size(): number {
    return this.#ends.size;
  }

  get ends(): readonly Promise<void>[] {
    return [...this.#ends.keys()];
  }

  /** Receivers that get no more for now. */
  get busy(): readonly string[] {
    const counts = new Map<string, number>();
    for (const receiver of this.#ends.values()) counts.set(receiver, (counts.get(receiver) ?? 0) + 1);
    return [...counts].filter(([, count]) => count >= this.#perReceiver).map(([receiver]) => receiver);
  }

  /** `work` never fails. */
  add(receiver: string, work: Promise<void>): void {
    const end = work.finally(() => this.#ends.delete(end));
    this.#ends.set(end, receiver);
  }
}

/** Until something may have changed: one has ended, or it is time to look again. */
async function pause({ clock, idleMs }: CallbackLoopOptions, ends: readonly Promise<void>[], signal: AbortSignal): Promise<void> {
  const awake = new AbortController();
  const slept = sleep(clock, idleMs, AbortSignal.any([signal, awake.signal])).catch(() => undefined);
  await Promise.race([slept, ...ends]);
  awake.abort();
}

/** Delivers what is due, the oldest first among receivers that are not busy, until the signal aborts. */
export async function deliverCallbacks(options: CallbackLoopOptions, signal: AbortSignal): Promise<void> {
  const underWay = new UnderWay(options.perReceiver);
  const onError = (error: unknown): undefined => {
    if (!signal.aborted) options.onError(error);
    return undefined;
  };
  const begin = (due: CallbackDue): void => underWay.add(receiverOf(due.url), deliverOne(options, due, signal).then(() => undefined, onError));
  while (!signal.aborted) {
    const due = underWay.size >= options.concurrency ? undefined : await options.queue.claim(underWay.busy).catch(onError);
    if (due === undefined) await pause(options, underWay.ends, signal);
    else begin(due);
  }
  await Promise.all(underWay.ends);
}
