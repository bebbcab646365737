import { incompleteBeta } from './incomplete-beta.ts';
import { turningPoint } from './root.ts';
import { requireBetween, StatisticsError } from './statistics-error.ts';

/** The value that a t distribution with `degrees` (> 0) of freedom exceeds with chance `alpha` (above 0, at most 1/2). Relative error about 1e-12. */
export function upperStudentT(alpha: number, degrees: number): number {
  requireBetween('alpha', alpha, 0, 0.500_001);
  if (!(degrees > 0 && degrees < Infinity)) throw new StatisticsError(`degrees is ${degrees}; give a number above 0`);
  let high = 1;
  while (upperTail(high, degrees) > alpha) high *= 2;
  return turningPoint(0, high, (t) => upperTail(t, degrees) <= alpha);
}

function upperTail(t: number, degrees: number): number {
  return incompleteBeta(degrees / 2, 0.5, degrees / (degrees + t * t)) / 2;
}
