import { setTimeout as delay } from 'node:timers/promises';

/** The time as the hack/ programs see it: injected, so that tests decide it. */
export interface Clock {
  /** Milliseconds that only ever grow; differences are durations, the value itself means nothing. */
  monotonicMs(): number;
  /** Milliseconds since 1970-01-01T00:00Z. */
  wallMs(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, { signal });
  },
};
