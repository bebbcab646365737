import type { Column } from './measure.ts';
import type { MeasureResults, RowResults } from './run-measure.ts';
import { type Spread, spreadOf } from './statistics.ts';
import { CLIENT_GO_TARGET, CLIENT_NODE_TARGET, meets, valueOf, type Verdict, verdictsOf } from './verdict.ts';

/** A table of text, its first row the heads. */
export type Table = readonly (readonly string[])[];

const NOT_MEASURED = '–';

/** Contenders down, figures across; each figure as median (min … max). */
export function measureTable({ measure, rows }: MeasureResults): Table {
  const heads = ['', ...measure.columns.map(({ name }) => name)];
  return [heads, ...rows.map((results) => [nameOf(results), ...measure.columns.map((column) => cell(results, column))])];
}

function nameOf({ row, failures, rounds }: RowResults): string {
  return failures.length === 0 ? row.name : `${row.name} (failed ${failures.length} of ${rounds.length} runs)`;
}

function cell({ rounds }: RowResults, column: Column): string {
  const values = rounds.map((round) => valueOf(round, column)).filter((value) => value !== undefined);
  return formatSpread(spreadOf(values), column.digits);
}

export function formatSpread(spread: Spread | undefined, digits: number): string {
  if (spread === undefined) return NOT_MEASURED;
  const [median, min, max] = [spread.median, spread.min, spread.max].map((value) => value.toFixed(digits));
  return spread.runs === 1 ? `${median}` : `${median} (${min} … ${max})`;
}

/** Our row beside client-go and client-node, column by column, with the targets. */
export function verdictTable(results: readonly MeasureResults[]): Table {
  const heads = ['measure', 'figure', 'times client-go’s', `at most ${CLIENT_GO_TARGET}`, 'ahead of client-node', `at least ${CLIENT_NODE_TARGET}`];
  return [heads, ...results.flatMap(verdictsOf).map(verdictRow)];
}

function verdictRow({ measure, column, timesClientGo, aheadOfClientNode }: Verdict): readonly string[] {
  return [
    measure.id, column,
    formatSpread(timesClientGo, 2), meets(timesClientGo, { atMost: CLIENT_GO_TARGET }),
    formatSpread(aheadOfClientNode, 2), meets(aheadOfClientNode, { atLeast: CLIENT_NODE_TARGET }),
  ];
}

export function toMarkdown(table: Table): string {
  const [heads = [], ...rows] = table;
  const line = (cells: readonly string[]): string => `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** For a terminal: columns of equal width. */
export function toText(table: Table): string {
  const widths = (table[0] ?? []).map((_, index) => Math.max(...table.map((row) => (row[index] ?? '').length)));
  return table.map((row) => row.map((text, index) => (index === 0 ? text.padEnd(widths[index] ?? 0) : text.padStart(widths[index] ?? 0))).join('  ').trimEnd()).join('\n');
}
