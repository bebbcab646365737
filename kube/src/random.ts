/** The only source of chance, so that tests own it. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
}

/** Uniform in [low, high). */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.next();
}
