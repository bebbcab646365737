import { logBeta, requireBetween, requireCounts, turningPoint } from '@sluice/statistics';

/**
 * Interval for a bad rate that holds at all looks together with chance 1 - alpha: the rates at which the mixture over Jeffreys' prior
 * has not grown to 1 / alpha (Ville). 0 to 1 when nothing was counted.
 */
export function bernoulliCS({ x, n, alpha }: { readonly x: number; readonly n: number; readonly alpha: number }): { readonly lower: number; readonly upper: number } {
  requireCounts('sample', x, n);
  requireBetween('alpha', alpha, 0, 1);
  if (n === 0) return { lower: 0, upper: 1 };
  const mixture = logBeta(x + 0.5, n - x + 0.5) - logBeta(0.5, 0.5);
  const ruledOut = (p: number) => mixture - likelihood(x, p) - likelihood(n - x, 1 - p) >= Math.log(1 / alpha);
  const observed = x / n;
  return {
    lower: x === 0 ? 0 : turningPoint(0, observed, (p) => !ruledOut(p)),
    upper: x === n ? 1 : turningPoint(observed, 1, ruledOut),
  };
}

function likelihood(count: number, p: number): number {
  return count === 0 ? 0 : count * Math.log(p);
}
