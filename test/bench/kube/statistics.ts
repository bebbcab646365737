/** The spread of one figure over the runs. */
export interface Spread {
  readonly runs: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Undefined when there is no value: what was not measured has no spread. Throws RangeError on a value that is no finite number. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const bad = values.find((value) => !Number.isFinite(value));
  if (bad !== undefined) throw new RangeError(`a figure is ${bad}: give finite numbers`);
  // -0 is 0, or the ends would be those of the order.
  const sorted = values.map((value) => value + 0).toSorted((left, right) => left - right);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) return undefined;
  const upper = sorted[Math.floor(sorted.length / 2)] ?? max;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? min;
  return { runs: sorted.length, min, median: (lower + upper) / 2, max };
}

/** Ratios round by round, so that a machine whose speed drifts hits both sides alike. Rounds that lack a side, or divide by 0, are left out. */
export function pairedRatios(above: readonly (number | undefined)[], below: readonly (number | undefined)[]): number[] {
  return above.flatMap((value, round) => {
    const other = below[round];
    return value === undefined || other === undefined || other === 0 ? [] : [value / other];
  });
}
