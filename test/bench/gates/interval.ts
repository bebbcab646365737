import { upperRateLimit } from '@sluice/statistics';
import { wrongVerdict } from './cells.ts';
import type { CellResult } from './simulate.ts';

export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/** Exact binomial interval of a share, `alpha` on each side (Clopper and Pearson). */
export function exactInterval(count: number, runs: number, alpha: number): Interval {
  return { lower: 1 - upperRateLimit(runs - count, runs, alpha), upper: upperRateLimit(count, runs, alpha) };
}

/** How many releases of a cell ended wrongly; undefined where no ending is wrong. */
export function wrongCount({ cell, promoted, rolledBack }: CellResult): number | undefined {
  const wrong = wrongVerdict(cell);
  if (wrong === undefined) return undefined;
  return wrong === 'Promote' ? promoted : rolledBack;
}

/** The cells of a rule in which the stated risk is contradicted: even the lower end of the interval lies above it. */
export function contradictions(results: readonly CellResult[], statedRisk: Readonly<Record<string, number>>, alpha: number): readonly CellResult[] {
  return results.filter((result) => {
    const [risk, wrong] = [statedRisk[result.rule.id], wrongCount(result)];
    return risk !== undefined && wrong !== undefined && exactInterval(wrong, result.runs, alpha).lower > risk;
  });
}
