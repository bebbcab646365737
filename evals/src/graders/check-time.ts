import type { Clock } from '../runner/clock.ts';
import { type Bounded, inBoundedTime } from './bounded-time.ts';

/** Milliseconds that all checks of one answer which never await may take together: nothing else runs meanwhile, and a pod tells no results. */
const usualMs = 10_000;

/** What is left of the time for one answer. `OutOfTime` once nothing is. */
export interface CheckTime {
  /** A check of which nobody knows how long it takes: it is ended in the middle. */
  readonly bounded: <T>(check: () => T) => Bounded<T>;
  /** One that takes no second: to end it in the middle would cost more than it does. */
  readonly quick: <T>(check: () => T) => Bounded<T>;
}

/** An answer, and what is left of its time. */
export interface TimedAnswer {
  readonly answer: string;
  readonly time: CheckTime;
}

export function createCheckTime(clock: Pick<Clock, 'now'>, milliseconds = usualMs): CheckTime {
  let left = milliseconds;
  const timed = <T>(run: () => Bounded<T>): Bounded<T> => {
    if (left <= 0) return { kind: 'OutOfTime' };
    const began = clock.now();
    try {
      const done = run();
      if (done.kind === 'OutOfTime') left = 0;
      return done;
    } finally {
      left -= clock.now() - began;
    }
  };
  return {
    bounded: (check) => timed(() => inBoundedTime(Math.ceil(left), check)),
    quick: (check) => timed(() => ({ kind: 'Done', value: check() })),
  };
}
