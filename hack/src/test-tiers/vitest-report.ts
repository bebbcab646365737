import { NOTHING, type TierResult, type TimedPart } from './tier.ts';

/** What is read of vitest's JSON report. */
export interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly VitestFile[];
}

interface VitestFile {
  readonly name: string;
  readonly status: string;
  readonly message?: string;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly endTime: number;
  readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
}

const LONGEST = 5;

/** Counts a report. A file that could not be read counts as one failure, and so does a run that failed with no test to blame. */
export function readVitestReport(report: VitestReport, exitCode: number, repository: string): TierResult {
  const files = report.testResults.map((file) => ({ ...file, name: file.name.replace(`${repository}/`, '') }));
  const broken = files.filter((file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'));
  const tests = files.flatMap((file) => file.assertionResults.map((test) => ({ ...test, file: file.name })));
  const failed = tests.filter((test) => test.status === 'failed').map((test) => `${test.file}: ${test.fullName}`);
  const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed').map((test) => `${test.file}: ${test.fullName} (${test.status})`);
  const remarks = [...failed, ...broken.map((file) => `${file.name}: ${firstLine(file.message)}`), ...skipped];
  const known = report.numFailedTests + broken.length;
  const unexplained = exitCode !== 0 && known === 0 ? ['vitest failed beside its tests: see its output above'] : [];
  return {
    ...NOTHING,
    passed: report.numPassedTests,
    failed: known + unexplained.length,
    skipped: report.numPendingTests + report.numTodoTests,
    remarks: [...unexplained, ...remarks],
    longest: longest(files),
  };
}

function longest(files: readonly VitestFile[]): readonly TimedPart[] {
  const timed = files.map((file) => ({ name: file.name, seconds: Math.max(0, file.endTime - file.startTime) / 1000 }));
  return timed.toSorted((left, right) => right.seconds - left.seconds).slice(0, LONGEST);
}

function firstLine(text: string | undefined): string {
  return (text ?? '').split('\n')[0] ?? '';
}
