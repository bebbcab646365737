import { type CaseOutcome, junitReport, markdownReport } from '@sluice/evals';
import type { WorkingFiles } from '../working-files.ts';
import type { RunOptions } from './run-options.ts';
import type { RunVerdict } from './verdict.ts';

export interface Reported {
  readonly suiteName: string;
  readonly candidate: readonly CaseOutcome[];
  readonly baseline?: readonly CaseOutcome[] | undefined;
  readonly verdict: RunVerdict;
}

type Paths = Pick<RunOptions, 'junitFile' | 'markdownFile'>;

/** Stands in the files until the run has ended: what an earlier run left there must not be taken for this one's. */
const unfinished: RunVerdict = { verdict: 'NotMeasured', messages: ['the run has not ended'] };

/** Before anything is asked, so that a path that cannot be written costs nothing. Throws CliError. */
export async function beginReports(paths: Paths, suiteName: string, files: Pick<WorkingFiles, 'write'>): Promise<void> {
  await writeReports(paths, { suiteName, candidate: [], verdict: unfinished }, files);
}

/** Throws CliError. */
export async function writeReports({ junitFile, markdownFile }: Paths, { suiteName, candidate, baseline, verdict }: Reported, files: Pick<WorkingFiles, 'write'>): Promise<void> {
  if (junitFile !== undefined) await files.write(junitFile, junitReport(suiteName, candidate, verdict));
  if (markdownFile !== undefined) await files.write(markdownFile, markdownReport({ suiteName, outcomes: candidate, baseline, verdict }));
}
