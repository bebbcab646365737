import type { Clock } from '../runner/clock.ts';

export interface Deadline {
  readonly milliseconds: number;
  /** The caller's signal; its reason is thrown when it aborts first. */
  readonly signal: AbortSignal;
  /** What is thrown when the time is over. */
  readonly expired: () => Error;
}

/** `work`, or the reason of `signal` as soon as it aborts, even when `work` does not notice. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    stop = () => signal.removeEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    stop();
  }
}

/** Runs `work` under a signal that aborts with the caller's or when the time is over, and never waits longer than that. */
export async function withDeadline<T>(clock: Clock, deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  deadline.signal.throwIfAborted();
  const controller = new AbortController();
  const forward = (): void => controller.abort(deadline.signal.reason);
  deadline.signal.addEventListener('abort', forward, { once: true });
  const cancel = clock.after(deadline.milliseconds, () => controller.abort(deadline.expired()));
  try {
    return await abortable(work(controller.signal), controller.signal);
  } finally {
    cancel();
    deadline.signal.removeEventListener('abort', forward);
  }
}

/** Waits, or throws the signal's reason. */
export async function sleep(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  const timer = { cancel: (): void => {} };
  const elapsed = new Promise<void>((resolve) => {
    timer.cancel = clock.after(milliseconds, resolve);
  });
  try {
    await abortable(elapsed, signal);
  } finally {
    timer.cancel();
  }
}
