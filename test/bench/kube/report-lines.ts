import { BenchError } from './bench-error.ts';
import type { Figures } from './spec.ts';

/** One line of a program's standard output. */
export type ReportLine =
  | { readonly kind: 'mark'; readonly stage: string; readonly kubeconfig: string | undefined }
  | { readonly kind: 'figures'; readonly figures: Figures };

/** Throws BenchError on anything that is no mark and no figures: a figure that is not understood must not go missing. */
export function parseReportLine(line: string): ReportLine {
  const value = parseObject(line);
  const { mark, kubeconfig, figures } = value;
  if (typeof mark === 'string') return { kind: 'mark', stage: mark, kubeconfig: typeof kubeconfig === 'string' ? kubeconfig : undefined };
  if (typeof figures !== 'object' || figures === null) throw new BenchError(`a program printed ${JSON.stringify(line)}: neither a mark nor figures`);
  for (const [name, figure] of Object.entries(figures)) {
    if (typeof figure !== 'number' || !Number.isFinite(figure)) throw new BenchError(`the figure ${name} is ${JSON.stringify(figure)}: a number was expected`);
  }
  return { kind: 'figures', figures: figures as Figures };
}

function parseObject(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // The text itself tells more than the parser's complaint.
  }
  throw new BenchError(`a program printed ${JSON.stringify(line)}: a line of JSON was expected`);
}
