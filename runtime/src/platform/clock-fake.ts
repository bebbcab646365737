import type { Clock } from './clock.ts';

interface Pending {
  readonly at: number;
  readonly task: () => void;
}

/** A clock that stands still until it is told to move. For tests. */
export interface FakeClock extends Clock {
  /** Moves time on and runs what falls due on the way, in order. */
  readonly advance: (milliseconds: number) => void;
  /** How many timers wait: none may be left behind. */
  readonly pending: () => number;
}

export function createFakeClock(): FakeClock {
  let time = 0;
  const timers = new Set<Pending>();
  const nextDue = (limit: number): Pending | undefined =>
    [...timers].filter((timer) => timer.at <= limit).toSorted((left, right) => left.at - right.at)[0];
  return {
    now: () => time,
    after: (milliseconds, task) => {
      const timer = { at: time + milliseconds, task };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: (milliseconds) => {
      const limit = time + milliseconds;
      for (let due = nextDue(limit); due !== undefined; due = nextDue(limit)) {
        timers.delete(due);
        time = due.at;
        due.task();
      }
      time = limit;
    },
    pending: () => timers.size,
  };
}
