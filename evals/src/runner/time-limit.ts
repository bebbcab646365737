import type { Clock } from './clock.ts';

/** The time for a piece of work was over. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
}

/**
 * Runs `work` under a signal that aborts with `signal` or after `milliseconds`, and never waits longer than that, even for work that
 * does not look at its signal. Throws TimeLimitError, or the signal's reason.
 */
export async function withTimeLimit<T>(clock: Clock, limit: { readonly milliseconds: number; readonly signal: AbortSignal }, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  limit.signal.throwIfAborted();
  const controller = new AbortController();
  const forward = (): void => controller.abort(limit.signal.reason);
  limit.signal.addEventListener('abort', forward, { once: true });
  const cancel = clock.after(limit.milliseconds, () => controller.abort(new TimeLimitError(`not done within ${limit.milliseconds} ms`)));
  try {
    return await unlessAborted(work(controller.signal), controller.signal);
  } finally {
    cancel();
    limit.signal.removeEventListener('abort', forward);
  }
}

/** Waits. Throws the signal's reason when it aborts. */
export async function waitFor(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  const timer = { cancel: (): void => {} };
  const elapsed = new Promise<void>((resolve) => {
    timer.cancel = clock.after(milliseconds, resolve);
  });
  try {
    await unlessAborted(elapsed, signal);
  } finally {
    timer.cancel();
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let forget = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    forget = () => signal.removeEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    forget();
  }
}
