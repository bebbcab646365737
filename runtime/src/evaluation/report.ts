import type { EvalReport, FailedCase } from '@sluice/crds';

/** Kubernetes keeps this much of a termination message, in bytes. */
export const maximumReportBytes = 4_096;

const maximumFailures = 10;
const maximumReasonCharacters = 200;

/** How one case ended; `error` is a case without an answer to grade. */
export interface CaseResult {
  readonly name: string;
  readonly hard: boolean;
  readonly verdict: 'pass' | 'fail' | 'error';
  readonly reason: string;
}

/** Cuts by code points, so that no half of a surrogate pair is left. */
function shortened(reason: string): string {
  const characters = Array.from(reason);
  return characters.length <= maximumReasonCharacters ? reason : `${characters.slice(0, maximumReasonCharacters - 1).join('')}…`;
}

/** The cases of one verdict, hard ones first. */
function unmet(results: readonly CaseResult[], verdict: 'fail' | 'error'): FailedCase[] {
  const outcome = verdict === 'fail' ? 'Failed' : 'NoAnswer';
  return results
    .filter((result) => result.verdict === verdict)
    .toSorted((left, right) => Number(right.hard) - Number(left.hard))
    .map(({ name, hard, reason }) => ({ name, reason: shortened(reason), hard, outcome }));
}

function bytes(report: EvalReport): number {
  return Buffer.byteLength(JSON.stringify(report));
}

/**
 * The report of a run: every case counted, and of those that did not pass as many told as fit: the failed first, since a hard one
 * among them decides, then those without an answer; hard ones before the others.
 */
export function createReport(results: readonly CaseResult[]): EvalReport {
  const count = (verdict: CaseResult['verdict']): number => results.filter((result) => result.verdict === verdict).length;
  const totals = { total: results.length, passed: count('pass'), failed: count('fail'), errored: count('error') };
  let failures = [...unmet(results, 'fail'), ...unmet(results, 'error')].slice(0, maximumFailures);
  while (failures.length > 0 && bytes({ ...totals, failures }) > maximumReportBytes) failures = failures.slice(0, -1);
  return { ...totals, failures };
}
