import { type Difference, differencesOf, type States } from './differences.ts';

/** How an uninterrupted run ends, and where two of these differ themselves. */
export interface Likeness {
  readonly states: States;
  readonly noise: ReadonlySet<string>;
}

/** The one of several ends that a run came nearest to. */
export interface Nearest {
  readonly differences: readonly Difference[];
}

/** A run whose end is that of any uninterrupted one has no differences. Throws RangeError where there is none to compare with. */
export function nearest(ends: readonly Likeness[], states: States): Nearest {
  const [first, ...others] = ends.map(({ states: expected, noise }): Nearest => ({ differences: differencesOf(expected, states, noise) }));
  if (first === undefined) throw new RangeError('no uninterrupted run to compare with');
  return others.reduce((best, each) => (each.differences.length < best.differences.length ? each : best), first);
}
