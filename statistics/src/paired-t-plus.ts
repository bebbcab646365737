import { requireWithin } from './statistics-error.ts';
import { upperStudentT } from './student-t.ts';

export interface PairedBounds {
  readonly mean: number;
  readonly se: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * One-sided bounds, each with chance of error about alpha, of the mean difference canary - stable over cases, each from -1 to 1. Two
 * pseudo-cases, one that ties and one that is half won and half lost, keep it honest with few cases and with nothing but ties
 * (Agresti and Min, Stat. Med. 24, 2005). Approximate: a 5 % bound errs in up to 13 % where cases only get worse and none gets better,
 * in up to 9 % where at least one case in a hundred gets better (enumerated). The exact one is pairedBettingLogE.
 */
export function pairedTPlus({ d, alpha }: { readonly d: readonly number[]; readonly alpha: number }): PairedBounds {
  for (const [index, difference] of d.entries()) requireWithin(`d[${index}]`, difference, -1, 1);
  const n = d.length + 2;
  const mean = d.reduce((sum, each) => sum + each, 0) / n;
  const pseudo = (1 - mean) ** 2 / 2 + (1 + mean) ** 2 / 2 + mean ** 2;
  const squares = d.reduce((sum, each) => sum + (each - mean) ** 2, pseudo);
  const se = Math.sqrt(squares / (n - 1) / n);
  const reach = upperStudentT(alpha, n - 1) * se;
  return { mean, se, lower: mean - reach, upper: mean + reach };
}
