import { sleep } from '@sluice/evals/deadline';
import { deliverNext, type DeliverOptions } from './deliver-callbacks.ts';

export interface CallbackLoopOptions extends DeliverOptions {
  /** Milliseconds between two looks when nothing is due. */
  readonly idleMs: number;
  /** Told of a store that cannot be reached. */
  readonly onError: (error: unknown) => void;
}

/** Delivers what is due, one after the other, until the signal aborts. */
export async function deliverCallbacks(options: CallbackLoopOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const outcome = await deliverNext(options, signal).catch((error: unknown) => {
      if (!signal.aborted) options.onError(error);
      return 'none' as const;
    });
    if (outcome === 'none') await sleep(options.clock, options.idleMs, signal).catch(() => undefined);
  }
}
