import type { EvalReport, FailedCase, Verdict } from '@sluice/crds';

/** What of a suite the verdict depends on. */
export interface JudgedSuite {
  readonly name: string;
  readonly cases: readonly { readonly name: string; readonly hard: boolean }[];
  /** There are further ones in files, which only the run has seen. */
  readonly more?: 'InFiles' | undefined;
}

export interface EvalVerdict {
  /** Inconclusive: only where revisions are compared. */
  readonly verdict: Verdict | 'Inconclusive';
  readonly message: string;
}

/** Failed cases that a sentence names. */
const namedFailures = 3;

/**
 * Pass, Fail or NotMeasured for a run of `suite`. A case without a result ("errored": no answer, or none that could be graded) is neither good nor bad: the verdict is
 * NotMeasured as long as its result could change it. A failed hard case fails the suite, whatever the share of passes and whatever
 * has no result. The report names failed cases first, so a hard one among them is always named.
 */
export function judgeEvalRun(report: EvalReport, { minPassPercent }: { readonly minPassPercent: number }, suite: JudgedSuite): EvalVerdict {
  const title = `suite "${suite.name}"`;
  const contradiction = contradictionOf(report, suite);
  if (contradiction !== undefined) return { verdict: 'NotMeasured', message: `${title}: ${contradiction}` };
  const verdict = verdictOf(report, minPassPercent, suite);
  return { verdict, message: `${title}: ${counts(report, minPassPercent)}${hardNote(report, suite)}${errorNote(report, verdict)}${failureNote(report)}` };
}

function contradictionOf({ total, passed, failed, errored, weights, failures }: EvalReport, { cases, more }: JudgedSuite): string | undefined {
  if ((cases.length === 0 && more === undefined) || total === 0) return 'it has no cases, so nothing was measured';
  if (passed + failed + errored !== total) return `the report contradicts itself: ${passed} passed, ${failed} failed and ${errored} without an answer are not ${total} cases`;
  if (more === undefined ? total !== cases.length : total < cases.length) return `the report is about ${total} cases, but the suite has ${cases.length}`;
  // Weights of nothing would pass whatever is asked for.
  if (weights !== undefined && (passed > 0 !== weights.passed > 0 || failed > 0 !== weights.failed > 0 || errored > 0 !== weights.errored > 0)) return 'the report contradicts itself: its weights are not those of its cases';
  return passed + failed === 0 ? `none of ${total} cases has a result${causesOf(failures)}` : undefined;
}

/** One cause as a rule, such as a provider or a judge that is down. */
function causesOf(failures: readonly FailedCase[]): string {
  const [first, second] = [...new Set(failures.map(({ reason }) => reason))];
  if (first === undefined) return "; check the model provider and the agent's limits";
  return `: ${first}${second === undefined ? '' : `; ${second}`}`;
}

function verdictOf(report: EvalReport, minPassPercent: number, suite: JudgedSuite): Verdict {
  if (failedHardCase(report, suite) !== undefined) return 'Fail';
  const { passed, failed, errored } = report.weights ?? report;
  const total = passed + failed + errored;
  if (!isEnough(passed + errored, total, minPassPercent)) return 'Fail';
  return isEnough(passed, total, minPassPercent) && !mayLackHardCase(report, suite) ? 'Pass' : 'NotMeasured';
}

function isEnough(passed: number, total: number, minPassPercent: number): boolean {
  return passed * 100 >= minPassPercent * total - 1e-9 * total;
}

/** Hard for the suite or for the report: of the two the stricter one counts. */
function isHard({ name, hard }: FailedCase, suite: JudgedSuite): boolean {
  return hard || suite.cases.some((each) => each.hard && each.name === name);
}

function failedHardCase({ failures }: EvalReport, suite: JudgedSuite): string | undefined {
  return failures.find((failure) => failure.outcome === 'Failed' && isHard(failure, suite))?.name;
}

/** Whether a hard case may be without an answer: one that the report names, or one that it has no room to name. */
function mayLackHardCase({ errored, failures }: EvalReport, suite: JudgedSuite): boolean {
  const named = failures.filter((failure) => failure.outcome === 'NoAnswer');
  return named.some((failure) => isHard(failure, suite)) || (named.length < errored && (suite.more !== undefined || suite.cases.some((each) => each.hard)));
}

function counts({ passed, total, weights }: EvalReport, minPassPercent: number): string {
  return `${passed} of ${total} cases passed${weights === undefined ? '' : ` (${weightedPercent(weights)} % by weight)`}, ${minPassPercent} % needed`;
}

function weightedPercent({ passed, failed, errored }: NonNullable<EvalReport['weights']>): number {
  return Math.floor((1000 * passed) / (passed + failed + errored)) / 10;
}

function hardNote(report: EvalReport, suite: JudgedSuite): string {
  const name = failedHardCase(report, suite);
  return name !== undefined ? ` and no hard case may fail, but ${name} did` : '';
}

function errorNote({ errored }: EvalReport, verdict: Verdict): string {
  if (errored === 0) return '';
  return `; ${errored === 1 ? '1 case has' : `${errored} cases have`} no result${verdict === 'NotMeasured' ? ', which could change the verdict' : ''}`;
}

function failureNote({ failed, errored, failures }: EvalReport): string {
  if (failures.length === 0) return '';
  const named = failures.slice(0, namedFailures);
  const more = Math.max(0, failed + errored - named.length);
  const title = errored === 0 ? 'failed' : 'not passed';
  return `; ${title}: ${named.map((failure) => `${failure.name} (${failure.reason})`).join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}
