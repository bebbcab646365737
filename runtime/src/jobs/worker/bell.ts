import type { Clock } from '../../platform/clock.ts';

/** Ends a wait early. A ring that nobody waits for ends the next wait. */
export interface Bell {
  readonly ring: () => void;
  /** Waits for a ring, or for `milliseconds` when that is set. */
  readonly wait: (clock: Clock, milliseconds?: number) => Promise<void>;
}

export function createBell(): Bell {
  let rung = false;
  let wake = (): void => {};
  return {
    ring: () => {
      rung = true;
      wake();
    },
    wait: async (clock, milliseconds) => {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const cancel = milliseconds === undefined ? (): void => {} : clock.after(milliseconds, resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
      }
      rung = false;
      wake = () => {};
    },
  };
}
