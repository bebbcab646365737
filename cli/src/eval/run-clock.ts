import type { Clock as RunClock } from '@sluice/evals';
import type { Clock } from '@sluice/kube';

/** The clock of a command, as the evaluation engine takes it. */
export function runClock(clock: Clock): RunClock {
  return {
    now: () => clock.monotonic(),
    after: (milliseconds, task) => {
      const timer = clock.setTimer(milliseconds, task);
      return () => timer.cancel();
    },
  };
}
