import type { Random } from './random.ts';

/** Repeats the given numbers (each in [0, 1)) for ever. */
export function fakeRandom(...values: readonly number[]): Random {
  let index = 0;
  return { next: () => values[index++ % values.length] ?? 0 };
}
