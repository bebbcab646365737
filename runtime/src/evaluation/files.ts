import { appendFileSync, createReadStream, existsSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type CaseFile, type FinishedResults, readResults, readTrials, resultLine, type SampleResult, type Trial, trialLine, type Trials } from '@sluice/evals';
import { ConfigError } from '../config/config-error.ts';

/** A file of cases, read anew each time. Iterating throws ConfigError when it cannot be read. */
export function caseFileAt(path: string, field: string): CaseFile {
  return { name: basename(path), open: () => bytesOf(path, field) };
}

/**
 * What an earlier attempt found; nothing when the file isn't there. A judge that was down then is up now, so that what could not be graded is
 * asked again: the answer is not kept, and it would stay without a result for as long as the file is there. Throws ConfigError.
 */
export async function finishedResults(path: string | undefined, field: string): Promise<FinishedResults> {
  const known = path === undefined || !existsSync(path) ? new Map<string, SampleResult>() : await readResults(basename(path), bytesOf(path, field));
  return new Map([...known].filter(([, { verdict }]) => verdict !== 'NotMeasured'));
}

/** What the judge said in an earlier attempt; nothing when the file isn't there. Throws ConfigError. */
export async function finishedTrials(path: string | undefined, field: string): Promise<Trials> {
  return path === undefined || !existsSync(path) ? new Map() : await readTrials(basename(path), bytesOf(path, field));
}

/** The results of the baseline, which must be there. Throws ConfigError. */
export async function baselineResults(path: string, field: string): Promise<FinishedResults> {
  return await readResults(basename(path), bytesOf(path, field));
}

/**
 * Adds a result to the log, at once: a process that dies has lost no more than what it was doing. The line feed before it ends a line
 * that an earlier process left half written. Throws ConfigError.
 */
export function appendResult(path: string, result: SampleResult): void {
  append(path, resultLine(result));
}

/** As {@link appendResult}, for what the judge says of an example. Throws ConfigError. */
export function appendTrial(path: string, trial: Trial): void {
  append(path, `${trialLine(trial)}\n`);
}

function append(path: string, line: string): void {
  write(path, 'SLUICE_EVAL_RESULTS_FILE', () => appendFileSync(path, `\n${line}`));
}

/** Throws ConfigError. */
export function writeText(path: string, field: string, text: string): void {
  write(path, field, () => writeFileSync(path, text));
}

function write(path: string, field: string, action: () => void): void {
  try {
    action();
  } catch (cause) {
    throw new ConfigError([{ field, value: path, problem: 'names a file that cannot be written', fix: 'Set it to a path that this process may write' }], { cause });
  }
}

async function* bytesOf(path: string, field: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Uint8Array;
  } catch (cause) {
    if (!isFileSystemError(cause)) throw cause;
    throw new ConfigError([{ field, value: path, problem: `names a file that cannot be read (${cause.code})`, fix: 'Set it to a file that this process may read' }], { cause });
  }
}

function isFileSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
