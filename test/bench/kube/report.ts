import type { Environment } from './environment.ts';
import type { MeasureResults } from './run-measure.ts';
import { measureTable, type Table, toMarkdown, toText, verdictTable } from './table.ts';

export interface Report {
  readonly environment: Environment;
  readonly runs: number;
  readonly results: readonly MeasureResults[];
}

interface Style {
  readonly head: (title: string) => string;
  readonly table: (table: Table) => string;
}

const MARKDOWN: Style = { head: (title) => `### ${title}`, table: toMarkdown };
const TEXT: Style = { head: (title) => `== ${title}`, table: toText };

/** The whole result as Markdown, for the document. */
export function markdownReport(report: Report): string {
  return render(report, MARKDOWN);
}

/** The whole result for a terminal. */
export function textReport(report: Report): string {
  return render(report, TEXT);
}

function render({ environment, runs, results }: Report, { head, table }: Style): string {
  const about = [`Runs of each contender: ${runs}, in turn. A figure is the median of its runs, with the least and the greatest.`];
  const parts = [head('Machine and versions'), table(environmentTable(environment)), ...about];
  for (const result of results) {
    parts.push(head(`${result.measure.title} (\`${result.measure.id}\`)`), result.measure.meaning, table(measureTable(result)));
    for (const { row, failures } of result.rows) if (failures.length > 0) parts.push(`${row.name} failed: ${firstLine(failures[0])}`);
  }
  parts.push(head('Targets'), table(verdictTable(results)));
  return parts.join('\n\n');
}

function environmentTable(environment: Environment): Table {
  return [['', ''], ...Object.entries(environment)];
}

function firstLine(text: string | undefined): string {
  return (text ?? '').split('\n').slice(0, 2).join(': ');
}
