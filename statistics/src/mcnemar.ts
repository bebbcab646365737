import { upperTail } from './binomial.ts';
import { requireCounts } from './statistics-error.ts';

/**
 * Chance of at least `worse` flips to the worse among all flips if both directions were alike: for reports of flipped cases, which
 * know no margin. 1 without flips.
 */
export function mcnemarExactOneSided({ worse, better }: { readonly worse: number; readonly better: number }): { readonly p: number } {
  requireCounts('flips', worse, worse + better);
  return { p: upperTail(worse, worse + better, 0.5) };
}
