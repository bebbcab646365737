import { readFile, writeFile } from 'node:fs/promises';
import { BenchError } from './bench-error.ts';

const BEGIN = '<!-- bench:kube begin -->';
const END = '<!-- bench:kube end -->';

/** The document with what is between the markers exchanged. Throws BenchError when the markers are not there once each, in order. */
export function withResults(document: string, results: string): string {
  const [before, rest, ...more] = document.split(BEGIN);
  const [, after, ...others] = (rest ?? '').split(END);
  if (before === undefined || after === undefined || more.length > 0 || others.length > 0) {
    throw new BenchError(`the document needs one line ${BEGIN} and after it one line ${END}, where the results go`);
  }
  return `${before}${BEGIN}\n\n${results}\n\n${END}${after}`;
}

export async function writeResults(path: string, results: string): Promise<void> {
  await writeFile(path, withResults(await readFile(path, 'utf8'), results));
}
