import type { Column, Measure, Role, RunResult } from './measure.ts';
import type { MeasureResults, RowResults } from './run-measure.ts';

export const sampleColumn: Column = { name: 'CPU µs', of: ({ figures }) => figures['cpu'], digits: 1, judged: 'lower is better' };

/** A measure for tests of the report: one column, and a row for each role with its figure in every round. */
export function sampleResults(figures: Readonly<Partial<Record<Role, readonly (number | undefined)[]>>>, column = sampleColumn): MeasureResults {
  const roles = ['own', 'client-go', 'client-node', 'further'] as const;
  const rows = roles.flatMap((role) => (figures[role] === undefined ? [] : [sampleRow(role, figures[role])]));
  return { measure: sampleMeasure(rows, column), rows };
}

function sampleRow(role: Role, figures: readonly (number | undefined)[]): RowResults {
  const rounds = figures.map((cpu): RunResult | undefined => (cpu === undefined ? undefined : { figures: { cpu }, marks: {}, counts: {} }));
  return { row: { name: role, program: 'sluice', variant: 'default', role }, rounds, failures: rounds.flatMap((round) => (round === undefined ? ['it broke\nbadly'] : [])) };
}

function sampleMeasure(rows: readonly RowResults[], column: Column): Measure {
  return {
    id: 'sample', title: 'A sample', meaning: 'Nothing.', backend: { kind: 'api' }, scenario: 'list', rows: rows.map(({ row }) => row), columns: [column],
    spec: {
      namespace: 'a', resource: 'pods', objects: 1, events: 1, warmUp: 0, workers: 1, pageSize: 1, sequential: 1, concurrent: 1, concurrency: 1, watches: 1, seconds: 1, collect: false,
    },
    order: 'one after the other', timeoutMs: 1000,
  };
}
