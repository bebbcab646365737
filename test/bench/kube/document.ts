import { readFile, writeFile } from 'node:fs/promises';
import { BenchError } from './bench-error.ts';

/** The document with what is between the markers of a benchmark exchanged. Throws BenchError when the markers are not there once each, in order. */
export function withResults(document: string, results: string, benchmark = 'bench:kube'): string {
  const [begin, end] = [`<!-- ${benchmark} begin -->`, `<!-- ${benchmark} end -->`];
  const [before, rest, ...more] = document.split(begin);
  const [, after, ...others] = (rest ?? '').split(end);
  if (before === undefined || after === undefined || more.length > 0 || others.length > 0) {
    throw new BenchError(`the document needs one line ${begin} and after it one line ${end}, where the results go`);
  }
  return `${before}${begin}\n\n${results}\n\n${end}${after}`;
}

export async function writeResults(path: string, results: string, benchmark?: string): Promise<void> {
  await writeFile(path, withResults(await readFile(path, 'utf8'), results, benchmark));
}
