/** Where a life ends at a write: it is lost on its way, or it is made and its answer is lost. */
export const VARIANTS = ['lost', 'made'] as const;
export type Variant = (typeof VARIANTS)[number];

export interface Kill {
  /** Which of the counted writes, from 1. */
  readonly write: number;
  readonly variant: Variant;
}

/**
 * Both variants at each of the writes of an uninterrupted run, or, where those are more than `most`, at so many of them, evenly spread, the first
 * and the last among them.
 */
export function planKills(writes: number, most: number): readonly Kill[] {
  const chosen = writes <= most ? Array.from({ length: writes }, (_, index) => index + 1) : spread(writes, most);
  return chosen.flatMap((write) => VARIANTS.map((variant) => ({ write, variant })));
}

function spread(writes: number, most: number): readonly number[] {
  if (most === 1) return [Math.ceil(writes / 2)];
  return Array.from({ length: most }, (_, index) => 1 + Math.round((index * (writes - 1)) / (most - 1)));
}
