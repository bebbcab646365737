/** Chances of 0, 1, ... bad ones among independent requests, each with its own bad rate. Exact but for rounding. */
export function badCountChances(rates: readonly number[]): readonly number[] {
  let chances = [1];
  for (const rate of rates) {
    const next = Array.from({ length: chances.length + 1 }, () => 0);
    for (const [k, chance] of chances.entries()) {
      next[k] = (next[k] ?? 0) + chance * (1 - rate);
      next[k + 1] = (next[k + 1] ?? 0) + chance * rate;
    }
    chances = next;
  }
  return chances;
}

/** The expectation of `value(canary's bad, stable's bad)` over all outcomes of independent requests with these bad rates. */
export function expectation(canary: readonly number[], stable: readonly number[], value: (xc: number, xs: number) => number): number {
  let sum = 0;
  for (const [xc, first] of badCountChances(canary).entries()) {
    for (const [xs, second] of badCountChances(stable).entries()) sum += first * second * value(xc, xs);
  }
  return sum;
}

/** `values` raised or lowered together so that their mean is `mean`, each kept within 0 and 1; undefined where that cannot be. */
export function withMean(values: readonly number[], mean: number): readonly number[] | undefined {
  const shift = mean - values.reduce((sum, value) => sum + value, 0) / values.length;
  const moved = values.map((value) => value + shift);
  return moved.every((value) => value >= 0 && value <= 1) ? moved : undefined;
}
