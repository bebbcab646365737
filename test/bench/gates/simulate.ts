import { type Random, seededRandom } from '../../../operator/src/gates/sequential/testing/seeded-random.ts';
import { trafficOf } from '../../../operator/src/gates/sequential/testing/traffic-model.ts';
import type { Cell } from './cells.ts';
import { type KeptCells, nothingKept } from './kept-cells.ts';
import type { Outcome, Rule } from './rule.ts';

export interface CellResult extends CellTally {
  readonly cell: Cell;
}

/** How a rule's releases of one cell ended. */
interface CellTally {
  readonly rule: Pick<Rule, 'id' | 'name'>;
  readonly runs: number;
  readonly promoted: number;
  readonly rolledBack: number;
  /** Median minutes to the verdict of those that were promoted and rolled back; undefined where none was. */
  readonly minutesToPromote?: number | undefined;
  readonly minutesToRollback?: number | undefined;
}

export interface Simulation {
  readonly cells: readonly Cell[];
  readonly rulesFor: (cell: Cell) => readonly Rule[];
  readonly runs: number;
  readonly seed: number;
  /** Cells that were finished before are taken from there. */
  readonly kept?: KeptCells;
  /** Told after each cell. */
  readonly onCell?: (done: number, of: number) => void;
}

/** Every rule decides the same simulated releases of a cell. The same seed gives the same results. */
export function simulate({ cells, rulesFor, runs, seed, kept = nothingKept, onCell }: Simulation): readonly CellResult[] {
  return cells.flatMap((cell, index) => {
    const rules = rulesFor(cell);
    const identity = { cell, runs, seed: seed + index * 7919, deciders: rules.map(({ id }) => id) };
    const tallies = kept.tallied(identity, () => simulateCell(cell, rules, runs, seededRandom(identity.seed)));
    onCell?.(index + 1, cells.length);
    return tallies.map((tallied) => ({ ...tallied, cell }));
  });
}

function simulateCell(cell: Cell, rules: readonly Rule[], runs: number, random: Random): readonly CellTally[] {
  const outcomes = rules.map((): Outcome[] => []);
  for (let run = 0; run < runs; run += 1) {
    const minutes = trafficOf(cell.model, random);
    for (const [index, rule] of rules.entries()) outcomes[index]?.push(rule.decide(minutes));
  }
  return rules.map(({ id, name }, index) => tally({ rule: { id, name }, runs }, outcomes[index] ?? []));
}

function tally(subject: Pick<CellTally, 'rule' | 'runs'>, outcomes: readonly Outcome[]): CellTally {
  const minutesOf = (verdict: Outcome['verdict']) => outcomes.filter((outcome) => outcome.verdict === verdict).map((outcome) => outcome.minutes);
  const [promoted, rolledBack] = [minutesOf('Promote'), minutesOf('Rollback')];
  return { ...subject, promoted: promoted.length, rolledBack: rolledBack.length, minutesToPromote: median(promoted), minutesToRollback: median(rolledBack) };
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
