import { setTimeout as delay } from 'node:timers/promises';

export interface Clock {
  /** Seconds since 1970, whole. */
  unixSeconds(): number;
  /** Resolves after so many milliseconds; rejects with the signal's reason when it aborts first. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  unixSeconds: () => Math.floor(Date.now() / 1000),
  sleep: async (milliseconds, signal) => {
    if (milliseconds > 0) await delay(milliseconds, undefined, { signal });
  },
};
