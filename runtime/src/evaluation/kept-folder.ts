import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type FinishedResults, keptResults, type Trials, trialsIn, unansweredDollars } from '@sluice/evals';
import { ConfigError } from '../config/config-error.ts';

/** Bytes of one file once it is unpacked: more than the operator ever packs. */
const maximumBytes = 1_048_576;

export interface EarlierPods {
  readonly finished: FinishedResults;
  /** What their questions without an answer have cost. */
  readonly unansweredDollars: number;
  /** What their judge said of its examples. */
  readonly trials: Trials;
}

/**
 * The results that an earlier pod of the run brought and the operator kept: files of gzipped lines. What had no answer is asked again.
 * Throws ConfigError for a folder that cannot be read, since a run that knows nothing of it would ask everything again.
 */
export function resultsOfFolder(folder: string): EarlierPods {
  try {
    const files = readdirSync(folder).filter((name) => name.endsWith('.gz')).toSorted();
    const texts = files.map((name) => gunzipSync(readFileSync(join(folder, name)), { maxOutputLength: maximumBytes }).toString('utf8'));
    return { finished: new Map([...keptResults(texts)].filter(([, { verdict }]) => verdict !== 'NoAnswer')), unansweredDollars: unansweredDollars(texts), trials: trialsIn(texts) };
  } catch (cause) {
    throw new ConfigError([{ field: 'SLUICE_EVAL_KEPT_FOLDER', value: folder, problem: 'holds no results that can be read', fix: 'Remove it to ask all cases again' }], { cause });
  }
}
