import type { EvalObstacle, EvalReport, FailedCase } from '@sluice/crds';
import { totalCost, type CaseOutcome } from '../runner/case-outcome.ts';

/** Kubernetes keeps this much of a termination message, in bytes. */
export const maximumReportBytes = 4_096;

const maximumFailures = 10;
const maximumReasonCharacters = 200;

/** Cuts by code points, so that no half of a surrogate pair is left. */
function shortened(reason: string): string {
  const characters = Array.from(reason);
  return characters.length <= maximumReasonCharacters ? reason : `${characters.slice(0, maximumReasonCharacters - 1).join('')}…`;
}

/** The cases of one verdict, hard ones first. */
function unmet(outcomes: readonly CaseOutcome[], verdict: 'Failed' | 'Errored'): FailedCase[] {
  const outcome = verdict === 'Failed' ? 'Failed' : 'NoAnswer';
  return outcomes
    .filter((each) => each.verdict === verdict)
    .toSorted((left, right) => Number(right.hard) - Number(left.hard))
    .map(({ name, hard, reason }) => ({ name, reason: shortened(reason), hard, outcome }));
}

function bytes(report: EvalReport): number {
  return Buffer.byteLength(JSON.stringify(report));
}

/** Nothing where all cases count the same. */
function weightsOf(outcomes: readonly CaseOutcome[]): Pick<EvalReport, 'weights'> {
  if (outcomes.every(({ weight }) => weight === outcomes[0]?.weight)) return {};
  const sum = (verdict: CaseOutcome['verdict']): number => outcomes.filter((each) => each.verdict === verdict).reduce((total, { weight }) => total + weight, 0);
  return { weights: { passed: sum('Passed'), failed: sum('Failed'), errored: sum('Errored') } };
}

/** To a hundredth of a cent; nothing where no price is known. */
function costOf(outcomes: readonly CaseOutcome[]): Pick<EvalReport, 'costDollars'> {
  const dollars = totalCost(outcomes);
  return dollars === undefined ? {} : { costDollars: Math.round(dollars * 10_000) / 10_000 };
}

/**
 * The report of a run as it fits into a termination message: every case counted, and of those that did not pass as many told as fit:
 * the failed first, since a hard one among them decides, then those without an answer; hard ones before the others.
 * `obstacle` is told where it left cases without a result.
 */
export function createReport(outcomes: readonly CaseOutcome[], obstacle?: EvalObstacle): EvalReport {
  const count = (verdict: CaseOutcome['verdict']): number => outcomes.filter((each) => each.verdict === verdict).length;
  const totals = { total: outcomes.length, passed: count('Passed'), failed: count('Failed'), errored: count('Errored'), ...weightsOf(outcomes), ...costOf(outcomes), ...(obstacle === undefined || count('Errored') === 0 ? {} : { obstacle }) };
  let failures = [...unmet(outcomes, 'Failed'), ...unmet(outcomes, 'Errored')].slice(0, maximumFailures);
  while (failures.length > 0 && bytes({ ...totals, failures }) > maximumReportBytes) failures = failures.slice(0, -1);
  return { ...totals, failures };
}
