import type { Progress } from '../../../hack/src/progress/progress.ts';
import { withStep } from '../../../hack/src/progress/progress.ts';
import { BenchError } from './bench-error.ts';
import type { BackendOptions } from './backend.ts';
import type { Measure, Row, RunResult } from './measure.ts';
import { runOne } from './run-one.ts';

/** What a row gave in each round; undefined where it failed. */
export interface RowResults {
  readonly row: Row;
  readonly rounds: readonly (RunResult | undefined)[];
  readonly failures: readonly string[];
}

export interface MeasureResults {
  readonly measure: Measure;
  readonly rows: readonly RowResults[];
}

export interface RunOptions extends BackendOptions {
  readonly runs: number;
  readonly progress: Progress;
}

/** Runs every row once a round, so that a machine whose speed drifts hits all rows alike. A row that fails is told and the others go on. */
export async function runMeasure(measure: Measure, options: RunOptions): Promise<MeasureResults> {
  return withStep(options.progress, measure.id, async (step) => {
    const rounds: (readonly Outcome[])[] = [];
    for (let round = 1; round <= options.runs; round += 1) {
      rounds.push(await runRound(measure, options, (name) => step.update(`round ${round} of ${options.runs}: ${name}`)));
    }
    return { measure, rows: measure.rows.map((row, index) => rowResults(row, rounds.map((outcomes) => outcomes[index]))) };
  });
}

type Outcome = { readonly result: RunResult } | { readonly failure: string };

async function runRound(measure: Measure, options: RunOptions, tell: (name: string) => void): Promise<readonly Outcome[]> {
  if (measure.order === 'side by side') {
    tell(`${measure.rows.length} side by side`);
    return Promise.all(measure.rows.map((row) => attempt(measure, row, options)));
  }
  const outcomes: Outcome[] = [];
  for (const row of measure.rows) {
    tell(row.name);
    outcomes.push(await attempt(measure, row, options));
  }
  return outcomes;
}

async function attempt(measure: Measure, row: Row, options: RunOptions): Promise<Outcome> {
  try {
    return { result: await runOne(measure, row, options) };
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof BenchError) return { failure: error.message };
    throw error;
  }
}

function rowResults(row: Row, outcomes: readonly (Outcome | undefined)[]): RowResults {
  return {
    row,
    rounds: outcomes.map((outcome) => (outcome !== undefined && 'result' in outcome ? outcome.result : undefined)),
    failures: outcomes.flatMap((outcome) => (outcome !== undefined && 'failure' in outcome ? [outcome.failure] : [])),
  };
}
