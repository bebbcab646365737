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

function failureOf({ name, hard, reason }: CaseResult): FailedCase {
  return { name, hard, reason: shortened(reason) };
}

function bytes(report: EvalReport): number {
  return Buffer.byteLength(JSON.stringify(report));
}

/** The report of a run: every case counted, the first failures told, hard ones first, as many as fit. */
export function createReport(results: readonly CaseResult[]): EvalReport {
  const count = (verdict: CaseResult['verdict']): number => results.filter((result) => result.verdict === verdict).length;
  const unmet = results.filter((result) => result.verdict !== 'pass');
  const ordered = [...unmet.filter((result) => result.hard), ...unmet.filter((result) => !result.hard)];
  const totals = { total: results.length, passed: count('pass'), failed: count('fail'), errored: count('error') };
  let failures = ordered.slice(0, maximumFailures).map(failureOf);
  while (failures.length > 0 && bytes({ ...totals, failures }) > maximumReportBytes) failures = failures.slice(0, -1);
  return { ...totals, failures };
}
