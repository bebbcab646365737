import type { Clock } from '../runner/clock.ts';

export interface FakeClock extends Clock {
  /** Lets time pass; tasks run in the order in which they are due. */
  readonly advance: (milliseconds: number) => void;
  readonly pending: () => number;
}

interface Task {
  readonly due: number;
  readonly run: () => void;
}

/** A clock that stands still until it is told otherwise. */
export function createFakeClock(): FakeClock {
  let now = 0;
  const tasks = new Set<Task>();
  return {
    now: () => now,
    after: (milliseconds, run) => {
      const task = { due: now + milliseconds, run };
      tasks.add(task);
      return () => tasks.delete(task);
    },
    advance: (milliseconds) => {
      now += milliseconds;
      for (const task of [...tasks].filter(({ due }) => due <= now).toSorted((left, right) => left.due - right.due)) {
        tasks.delete(task);
        task.run();
      }
    },
    pending: () => tasks.size,
  };
}
