import { requireBetween } from './statistics-error.ts';

/**
 * Fewest cases of which none failing more than before rules out "worse by delta": with fewer, a revision that is worse by delta shows
 * nothing with a chance above alpha, and a suite must be refused. 59 for 5 points, 29 for 10.
 */
export function smallestSuite({ delta, alpha }: { readonly delta: number; readonly alpha: number }): number {
  requireBetween('delta', delta, 0, 1);
  requireBetween('alpha', alpha, 0, 1);
  return Math.ceil(Math.log(alpha) / Math.log1p(-delta));
}
