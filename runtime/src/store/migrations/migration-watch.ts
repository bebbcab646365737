import type { Clock } from '../../platform/clock.ts';

/** `waiting`: for the database, or for another replica that changes the schema. */
export type MigrationStep = { readonly doing: 'waiting' } | { readonly doing: 'applying'; readonly version: number; readonly name: string; /** From 1. */ readonly number: number; readonly of: number };

export interface MigrationWatch {
  readonly clock: Clock;
  /** Told what goes on, once it has gone on for two seconds, and every ten from then. */
  readonly tell: (step: MigrationStep, seconds: number) => void;
}

export interface MigrationProgress {
  readonly now: (step: MigrationStep) => void;
  readonly end: () => void;
}

const FIRST_MS = 2_000;
const NEXT_MS = 10_000;

/** Says what a start that takes long is at: a process that is silent looks like one that hangs. */
export function watchMigrations(watch: MigrationWatch | undefined): MigrationProgress {
  if (watch === undefined) return { now: () => {}, end: () => {} };
  const { clock, tell } = watch;
  const begun = clock.now();
  let step: MigrationStep = { doing: 'waiting' };
  let cancel = (): void => {};
  const arm = (milliseconds: number): void => {
    cancel = clock.after(milliseconds, () => {
      tell(step, Math.round((clock.now() - begun) / 1_000));
      arm(NEXT_MS);
    });
  };
  arm(FIRST_MS);
  return {
    now: (next) => {
      step = next;
    },
    end: () => cancel(),
  };
}
