import type { WallClock } from './wall-clock.ts';

/** A time of day that stands still until it is told to move. For tests. */
export interface FakeWallClock extends WallClock {
  readonly advance: (milliseconds: number) => void;
}

export function createFakeWallClock(start = Date.UTC(2026, 0, 1)): FakeWallClock {
  let time = start;
  return {
    now: () => time,
    advance: (milliseconds) => {
      time += milliseconds;
    },
  };
}
