import { abortable, sleep } from '@sluice/evals/deadline';
import { backoffDelay } from '../jobs/backoff.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { StoreError } from './store-error.ts';

export interface StoreWaitOptions {
  readonly clock: Clock;
  readonly random: Pick<Random, 'fraction'>;
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** Told once of a store that is away. */
  readonly onAway: (error: unknown) => void;
  /** Told after how many milliseconds it was there. */
  readonly onThere: (milliseconds: number) => void;
}

/** Does what needs the store once the store is there. */
export interface StoreWait {
  /** `work` may be begun again and again. Throws what it throws for another reason than that the store is away, and the signal's reason. */
  readonly until: <T>(work: () => Promise<T>) => Promise<T>;
}

const pauses = { firstMs: 500, longestMs: 10_000 };

/** Whether it may be there later without anybody mending a setting: a login that it refuses, or a database that does not exist, is no absence. */
export function isAway(error: unknown): boolean {
  if (error instanceof StoreError) return error.failure === 'unavailable' || error.failure === 'busy' || error.failure === 'full';
  return error instanceof Error && error.cause !== undefined && isAway(error.cause);
}

/** Waits without end: a process that gave up would be started again, and many such ends look like a revision that crashes. */
export function createStoreWait({ clock, random, signal, onAway, onThere }: StoreWaitOptions): StoreWait {
  return {
    until: async (work) => {
      const begun = clock.now();
      for (let tries = 1; ; tries += 1) {
        signal.throwIfAborted();
        try {
          const done = await abortable(work(), signal);
          if (tries > 1) onThere(clock.now() - begun);
          return done;
        } catch (error) {
          if (!isAway(error)) throw error;
          if (tries === 1) onAway(error);
        }
        await sleep(clock, backoffDelay(pauses, tries, random), signal);
      }
    },
  };
}
