import { sleep } from '../deadline/deadline.ts';
import type { Clock } from './clock.ts';

/** Lets at most `perMinute` pass in a minute, evenly spread; all at once where there is no bound. Throws the signal's reason. */
export function createPacer(clock: Clock, perMinute: number | undefined): (signal: AbortSignal) => Promise<void> {
  if (perMinute === undefined) return async (signal) => signal.throwIfAborted();
  const interval = 60_000 / perMinute;
  let next = clock.now();
  return async (signal) => {
    const wait = next - clock.now();
    next = Math.max(next, clock.now()) + interval;
    if (wait > 0) await sleep(clock, wait, signal);
    signal.throwIfAborted();
  };
}
