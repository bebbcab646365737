import type { Clock } from '../clock.ts';

/** Calls `onStall` once when `limitMs` pass without a touch. */
export interface StallGuard {
  touch(): void;
  /** Changes the limit from now on, milliseconds. */
  limit(ms: number): void;
  readonly stalled: boolean;
  clear(): void;
}

export function startStallGuard(clock: Clock, limitMs: number, onStall: () => void): StallGuard {
  let limit = limitMs;
  let touched = clock.monotonic();
  let stalled = false;
  // One timer per silence rather than per touch: a busy watch would otherwise spend its time on timers.
  const check = () => {
    const left = touched + limit - clock.monotonic();
    if (left > 0) {
      timer = clock.setTimer(left, check);
      return;
    }
    stalled = true;
    onStall();
  };
  let timer = clock.setTimer(limit, check);
  return {
    touch: () => void (touched = clock.monotonic()),
    limit(ms) {
      limit = ms;
      timer.cancel();
      touched = clock.monotonic();
      timer = clock.setTimer(limit, check);
    },
    get stalled() {
      return stalled;
    },
    clear: () => timer.cancel(),
  };
}
