/** The value below which `share` (0 to 1) of the samples lie. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** `median (lowest to highest)` of the runs; all of them when one came to nothing. */
export function spread(runs: readonly number[], digits: number): string {
  const text = (value: number) => (Number.isNaN(value) ? 'none' : value.toFixed(digits));
  if (runs.some(Number.isNaN)) return runs.map(text).join(', ');
  return `${text(percentile(runs, 0.5))} (${text(Math.min(...runs))} to ${text(Math.max(...runs))})`;
}
