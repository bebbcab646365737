import type { Column, Measure, Role, RunResult } from './measure.ts';
import type { MeasureResults, RowResults } from './run-measure.ts';
import { pairedRatios, type Spread, spreadOf } from './statistics.ts';

/** The targets: at most twice client-go's cost, at most a third of client-node's. */
export const CLIENT_GO_TARGET = 2;
export const CLIENT_NODE_TARGET = 3;

export interface Verdict {
  readonly measure: Measure;
  readonly column: string;
  /** Our cost divided by client-go's; undefined when either was not measured. */
  readonly timesClientGo: Spread | undefined;
  /** client-node's cost divided by ours. */
  readonly aheadOfClientNode: Spread | undefined;
}

/** One verdict a judged column. Where higher is better, the cost is the reciprocal. */
export function verdictsOf({ measure, rows }: MeasureResults): readonly Verdict[] {
  return measure.columns.flatMap((column) => {
    if (column.judged === undefined) return [];
    const own = valuesOf(rows, 'own', column);
    const go = valuesOf(rows, 'client-go', column);
    const node = valuesOf(rows, 'client-node', column);
    const lower = column.judged === 'lower is better';
    return [{
      measure, column: column.name,
      timesClientGo: spreadOf(lower ? pairedRatios(own, go) : pairedRatios(go, own)),
      aheadOfClientNode: spreadOf(lower ? pairedRatios(node, own) : pairedRatios(own, node)),
    }];
  });
}

/** What was not measured has not met its target. */
export function meets(ratio: Spread | undefined, target: { readonly atMost: number } | { readonly atLeast: number }): 'met' | 'not met' | 'not measured' {
  if (ratio === undefined) return 'not measured';
  const good = 'atMost' in target ? ratio.median <= target.atMost : ratio.median >= target.atLeast;
  return good ? 'met' : 'not met';
}

function valuesOf(rows: readonly RowResults[], role: Role, column: Column): readonly (number | undefined)[] {
  return rows.find(({ row }) => row.role === role)?.rounds.map((round) => valueOf(round, column)) ?? [];
}

export function valueOf(round: RunResult | undefined, column: Column): number | undefined {
  return round === undefined ? undefined : column.of(round);
}
