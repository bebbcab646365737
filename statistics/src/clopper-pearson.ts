import { upperRateLimit } from './binomial.ts';
import { requireBetween, requireCounts } from './statistics-error.ts';

/** Upper limit of a bad rate at one look, chance of error at most alpha (Clopper and Pearson, Biometrika 26, 1934); 1 when n is 0. */
export function clopperPearsonUpper({ x, n, alpha }: { readonly x: number; readonly n: number; readonly alpha: number }): { readonly upper: number } {
  requireCounts('sample', x, n);
  requireBetween('alpha', alpha, 0, 1);
  return { upper: upperRateLimit(x, n, alpha) };
}
