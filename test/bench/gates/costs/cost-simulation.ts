import { seededRandom } from '../../../../operator/src/gates/sequential/testing/seeded-random.ts';
import { exactInterval } from '../interval.ts';
import { type CostCell, wrongCostVerdict } from './cost-cells.ts';
import { type CostMethod, type CostOutcome, costPolicy, decideCosts } from './cost-rules.ts';

export interface CostResult {
  readonly cell: CostCell;
  readonly method: CostMethod;
  readonly runs: number;
  readonly promoted: number;
  readonly rolledBack: number;
  /** Median minutes to whatever verdict there was; undefined where there was none. */
  readonly minutes: number | undefined;
}

/** Every method decides the same simulated releases of a cell. The same seed gives the same results. */
export function simulateCosts({ cells, methods, runs, seed, onCell }: { readonly cells: readonly CostCell[]; readonly methods: readonly CostMethod[]; readonly runs: number; readonly seed: number; readonly onCell?: (done: number, of: number) => void }): readonly CostResult[] {
  return cells.flatMap((cell, index) => {
    const random = seededRandom(seed + index * 7919);
    const outcomes = Array.from({ length: runs }, () => {
      const past = Math.floor(random() * 1e9);
      return decideCosts(cell, methods.map((method) => costPolicy(cell, method, seededRandom(past))), random);
    });
    onCell?.(index + 1, cells.length);
    return methods.map((method, at) => tally({ cell, method, runs }, outcomes.flatMap((all) => all[at] ?? [])));
  });
}

function tally(subject: Pick<CostResult, 'cell' | 'method' | 'runs'>, outcomes: readonly CostOutcome[]): CostResult {
  const decided = outcomes.filter(({ verdict }) => verdict !== 'Undecided');
  const times = decided.map(({ minutes }) => minutes).toSorted((a, b) => a - b);
  const count = (verdict: CostOutcome['verdict']) => outcomes.filter((outcome) => outcome.verdict === verdict).length;
  return { ...subject, promoted: count('Promote'), rolledBack: count('Rollback'), minutes: times[Math.floor((times.length - 1) / 2)] };
}

/** How many releases of a cell ended wrongly; undefined where no ending is wrong. */
export function wrongCosts({ cell, promoted, rolledBack }: CostResult): number | undefined {
  const wrong = wrongCostVerdict(cell);
  if (wrong === undefined) return undefined;
  return wrong === 'Promote' ? promoted : rolledBack;
}

/** What is in force and contradicts the stated risk: even the lower end of the interval lies above it. */
export function costContradictions(results: readonly CostResult[], { risk, alpha }: { readonly risk: number; readonly alpha: number }): readonly CostResult[] {
  return results.filter((result) => {
    const wrong = wrongCosts(result);
    return result.method === 'Sums' && wrong !== undefined && exactInterval(wrong, result.runs, alpha).lower > risk;
  });
}
