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
  /** Told once of a store that is away, and again when it is away for another reason. */
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

/** Sentences of one wait that are told. */
const mostSentences = 8;

/** Tells of each reason once. */
function tellOnce(tell: (error: unknown) => void): (error: unknown) => void {
  const told = new Set<string>();
  return (error) => {
    const sentence = whyAway(error) ?? '';
    if (told.has(sentence) || told.size >= mostSentences) return;
    told.add(sentence);
    tell(error);
  };
}

/** What is known of why it is away; never an address with a password. */
export function whyAway(error: unknown): string | undefined {
  if (error instanceof StoreError) return error.message;
  return error instanceof Error && error.cause !== undefined ? whyAway(error.cause) : undefined;
}

/** Waits without end: a process that gave up would be started again, and many such ends look like a revision that crashes. */
export function createStoreWait({ clock, random, signal, onAway, onThere }: StoreWaitOptions): StoreWait {
  return {
    until: async (work) => {
      const begun = clock.now();
      const away = tellOnce(onAway);
      for (let tries = 1; ; tries += 1) {
        signal.throwIfAborted();
        try {
          const done = await abortable(work(), signal);
          if (tries > 1) onThere(clock.now() - begun);
          return done;
        } catch (error) {
          if (!isAway(error)) throw error;
          away(error);
        }
        await sleep(clock, backoffDelay(pauses, tries, random), signal);
      }
    },
  };
}
