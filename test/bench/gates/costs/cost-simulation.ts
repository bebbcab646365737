import { type Random, seededRandom } from '../../../../operator/src/gates/sequential/testing/seeded-random.ts';
import { exactInterval } from '../interval.ts';
import { type KeptCells, nothingKept } from '../kept-cells.ts';
import { type CostCell, wrongCostVerdict } from './cost-cells.ts';
import { type CostMethod, type CostOutcome, costPolicy, decideCosts } from './cost-rules.ts';

export interface CostResult extends CostTally {
  readonly cell: CostCell;
}

/** How the releases of one cell ended by one method. */
interface CostTally {
  readonly method: CostMethod;
  readonly runs: number;
  readonly promoted: number;
  readonly rolledBack: number;
  /** Median minutes to whatever verdict there was; undefined where there was none. */
  readonly minutes?: number | undefined;
}

export interface CostSimulation {
  readonly cells: readonly CostCell[];
  readonly methods: readonly CostMethod[];
  readonly runs: number;
  readonly seed: number;
  /** Cells that were finished before are taken from there. */
  readonly kept?: KeptCells;
  /** Told after each cell. */
  readonly onCell?: (done: number, of: number) => void;
}

/** Every method decides the same simulated releases of a cell. The same seed gives the same results. */
export function simulateCosts({ cells, methods: all, runs, seed, kept = nothingKept, onCell }: CostSimulation): readonly CostResult[] {
  return cells.flatMap((cell, index) => {
    // Before decision record 34 a bucket stood for one cost, and missing edges made the objective missing.
    const methods = cell.gap === undefined ? all : all.filter((method) => method === 'Sums');
    const identity = { cell, runs, seed: seed + index * 7919, deciders: methods };
    const tallies = kept.tallied(identity, () => simulateCell(cell, methods, { runs, random: seededRandom(identity.seed) }));
    onCell?.(index + 1, cells.length);
    return tallies.map((tallied) => ({ ...tallied, cell }));
  });
}

function simulateCell(cell: CostCell, methods: readonly CostMethod[], { runs, random }: { readonly runs: number; readonly random: Random }): readonly CostTally[] {
  const outcomes = Array.from({ length: runs }, () => {
    const past = Math.floor(random() * 1e9);
    return decideCosts(cell, methods.map((method) => costPolicy(cell, method, seededRandom(past))), random);
  });
  return methods.map((method, at) => tally({ method, runs }, outcomes.flatMap((each) => each[at] ?? [])));
}

function tally(subject: Pick<CostTally, 'method' | 'runs'>, outcomes: readonly CostOutcome[]): CostTally {
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
