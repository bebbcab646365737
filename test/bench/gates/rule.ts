import type { Minute } from '../../../operator/src/gates/sequential/testing/traffic-model.ts';

/** How a release ended and after how many minutes; `Undecided` when the time ran out on an open question. */
export interface Outcome {
  readonly verdict: 'Promote' | 'Rollback' | 'Undecided';
  readonly minutes: number;
}

/** A way to decide a release from what both revisions did minute by minute. */
export interface Rule {
  readonly id: string;
  readonly name: string;
  decide(minutes: readonly Minute[]): Outcome;
}

/** Success rate of the canary over the `window` minutes up to `end` (exclusive); NaN when nothing was served. */
export function successRate(minutes: readonly Minute[], end: number, window: number): number {
  let [bad, all] = [0, 0];
  for (const minute of minutes.slice(Math.max(0, end - window), end)) {
    bad += minute.xc;
    all += minute.nc;
  }
  return (all - bad) / all;
}
