import { logLikelihoodRatio, logSumExp, requireBetween, requireCounts } from '@sluice/statistics';

const multiples = { harm: [1.25, 1.5, 2, 3, 5, 8, 12], good: [0.75, 0.5, 0.25, 0.1] } as const;

/** `harm` bets against "at most b0 is bad", `good` against "at least b0 is bad". */
export type Side = keyof typeof multiples;

/** Bad rates that are bet on beside a bound `b0` (0 to 1, exclusive), equally weighted. */
export function boundBets(b0: number, side: Side): readonly number[] {
  const rates = multiples[side].map((multiple) => multiple * b0).filter((rate) => rate < 1);
  return rates.length === 0 ? [(1 + b0) / 2] : rates;
}

/**
 * ln of the e-value of `x` bad among `n` requests against a fixed bound `b0`. Counts are cumulative. It knows of no second revision:
 * what an outage does to both counts here, so it is never used alone.
 */
export function oneSampleLogE({ x, n, b0, side }: { readonly x: number; readonly n: number; readonly b0: number; readonly side: Side }): { readonly logE: number } {
  requireCounts('sample', x, n);
  requireBetween('b0', b0, 0, 1);
  const rates = boundBets(b0, side);
  return { logE: logSumExp(rates.map((q) => logLikelihoodRatio(x, n, q, b0))) - Math.log(rates.length) };
}
