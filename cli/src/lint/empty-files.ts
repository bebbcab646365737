import { printable } from '../terminal/printable.ts';
import type { FileReport } from './lint-file.ts';

interface Linted {
  readonly file: string;
  readonly report: FileReport;
}

/**
 * What is to be said of files without a manifest, among those that one `-f` names: a pipeline whose file was cut short is not to pass. An empty
 * document beside others is nothing, as kubectl has it, and so is, but for a warning, an empty file in a folder with others.
 */
export function emptyFiles(linted: readonly Linted[]): FileReport {
  const empty = linted.filter(({ report: { manifests, problems } }) => manifests.length === 0 && problems.length === 0).map(({ file }) => file);
  const isProblem = empty.length === linted.length;
  const said = (kind: '' | 'warning: ') => empty.map((file) => printable(`${file}: ${kind}it holds no manifest, only comments or nothing at all: write one, or leave the file out`));
  return { problems: isProblem ? said('') : [], warnings: isProblem ? [] : said('warning: '), notes: [], checked: 0, manifests: [] };
}
