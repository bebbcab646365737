import type { Clock } from '../platform/clock.ts';

/** What an embedded store lets go of before its time. */
export interface Shedding {
  readonly add: (count: number) => void;
  /** Since the start of the process. */
  readonly total: () => number;
}

/** A store that stays full sheds every few seconds; once in a while is enough for a log. */
const tellEveryMs = 60_000;

/** `tell`: told at once of the first, and then at most once a minute, how many went since it was told last. */
export function createShedding({ clock, tell }: { readonly clock: Pick<Clock, 'now'>; readonly tell: (count: number) => void }): Shedding {
  let [total, told, toldAt] = [0, 0, Number.NEGATIVE_INFINITY];
  return {
    total: () => total,
    add: (count) => {
      total += count;
      if (clock.now() - toldAt < tellEveryMs) return;
      tell(total - told);
      [told, toldAt] = [total, clock.now()];
    },
  };
}
