import { logSumExp } from './log-space.ts';
import { requireBetween, requireWithin, StatisticsError } from './statistics-error.ts';

export interface PairedBettingInput {
  /** Differences canary - stable by case, -1 to 1. */
  readonly d: readonly number[];
  /** Margin, from 0 to below 1. */
  readonly delta: number;
  /** `ni` bets against "mean at most -delta", `harm` against "mean at least -delta". */
  readonly side: 'ni' | 'harm';
  /** Shares of the capital that are staked, 0 to below 1, equally weighted. */
  readonly grid?: readonly number[];
}

export const pairedBettingGrid: readonly number[] = [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.98];

/**
 * ln of the exact e-value of a suite: the mean over fixed stakes of the product over cases (Waudby-Smith and Ramdas, JRSS B 86, 2024).
 * No order, no normality; needs more cases than pairedTPlus.
 */
export function pairedBettingLogE({ d, delta, side, grid = pairedBettingGrid }: PairedBettingInput): { readonly logE: number } {
  requireWithin('delta', delta, 0, 0.999_999);
  if (grid.length === 0) throw new StatisticsError('grid is empty; give shares of the capital to stake');
  for (const stake of grid) requireBetween('grid', stake, 0, 1);
  for (const [index, difference] of d.entries()) requireWithin(`d[${index}]`, difference, -1, 1);
  // The largest possible loss of a case, so that a stake below 1 never loses all.
  const loss = side === 'ni' ? 1 - delta : 1 + delta;
  const sign = side === 'ni' ? 1 : -1;
  const capital = grid.map((stake) => d.reduce((sum, each) => sum + Math.log1p((stake / loss) * sign * (each + delta)), 0));
  return { logE: logSumExp(capital) - Math.log(grid.length) };
}
