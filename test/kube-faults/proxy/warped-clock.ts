import { type Clock, systemClock } from '@sluice/kube';
import type { Random } from '../../provider-simulator/seeded-random.ts';

export interface WarpedClockOptions {
  /** How many times faster than real time it runs; default 1. */
  readonly speed?: number;
  /** Makes the wall clock jump; without it the wall clock stands ten years in the past. */
  readonly random?: Random;
}

const TEN_YEARS_MS = 10 * 365 * 24 * 3_600_000;

/**
 * A client's clock as no test should trust it: the wall clock is far off and jumps at every look, the monotonic one is sound. `speed`
 * makes delays of half a minute last a few seconds, so that a test meets many of them.
 */
export function warpedClock({ speed = 1, random }: WarpedClockOptions): Clock {
  const start = performance.now();
  return {
    now: () => Date.now() + (random ? (random() * 2 - 1) * TEN_YEARS_MS : -TEN_YEARS_MS),
    monotonic: () => (performance.now() - start) * speed,
    sleep: (ms, call) => systemClock.sleep(ms / speed, call),
    setTimer: (ms, callback) => systemClock.setTimer(ms / speed, callback),
  };
}
