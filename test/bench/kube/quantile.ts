/** The nearest-rank quantile of ascending values; 0 of none, as the Go side has it. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
