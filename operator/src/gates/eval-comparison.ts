import { judgeSuite, neededCases, outcomesOf, type SampleResult } from '@sluice/evals/results';
import type { EvalReport } from '@sluice/crds';
import { type EvalVerdict, judgeEvalRun, type JudgedSuite } from './eval-verdict.ts';
import { decimal } from './wording.ts';

export interface EvalComparison {
  readonly report: EvalReport;
  readonly suite: JudgedSuite;
  readonly canary: ReadonlyMap<string, SampleResult>;
  readonly baseline: ReadonlyMap<string, SampleResult>;
  /** The revision that the baseline is of. */
  readonly stableRevision: string;
  readonly marginPoints: number;
  readonly preexisting: 'Fail' | 'Allow';
  /** 0: any share of passes will do. */
  readonly minPassPercent: number;
  /** How often the same revision has come to a verdict on the same cases before. */
  readonly earlierVerdicts?: number | undefined;
}

/** Chance of error of each bound at the first try; docs/evaluations.md. */
const firstAlpha = 0.05;
const rank: Readonly<Record<EvalVerdict['verdict'], number>> = { Fail: 0, NotMeasured: 1, Inconclusive: 2, Pass: 3 };

/** Each verdict before halves it: over any number of tries that is less than twice that of the first. */
function alphaAfter(earlierVerdicts: number): number {
  return firstAlpha / 2 ** earlierVerdicts;
}

/** Why a suite of so many cases is too small for its margin, after verdicts on the same cases; undefined when it is not. */
export function tooSmall(cases: number, marginPoints: number, earlierVerdicts = 0): string | undefined {
  const needed = neededCases({ margin: marginPoints / 100, alpha: alphaAfter(earlierVerdicts) });
  if (cases >= needed) return undefined;
  const again = earlierVerdicts === 0 ? '' : `, ${atRisk(earlierVerdicts)}`;
  return `${cases} cases cannot rule out a drop of ${marginPoints} points${again}: add cases until there are ${needed}, or raise comparison.marginPoints`;
}

function atRisk(earlierVerdicts: number): string {
  const times = earlierVerdicts === 1 ? 'once' : `${earlierVerdicts} times`;
  return `as this revision has been judged ${times} on the same cases before, which ${earlierVerdicts === 1 ? 'halves' : 'each time halves'} the chance of error to ${decimal(alphaAfter(earlierVerdicts) * 100, 4)} %`;
}

/** The verdict on a run against the run of the stable revision on the same cases: the paired test, and the share of passes where one is asked for. */
export function judgeComparison(comparison: EvalComparison): EvalVerdict {
  const { report, suite, marginPoints, preexisting, stableRevision, earlierVerdicts = 0 } = comparison;
  const title = `suite "${suite.name}"`;
  const canary = outcomesOf(comparison.canary);
  if (canary.length !== report.total) return { verdict: 'NotMeasured', message: `${title}: results of ${canary.length} cases are kept, but the report is about ${report.total}` };
  const paired = judgeSuite(canary, outcomesOf(comparison.baseline), { margin: marginPoints / 100, alpha: alphaAfter(earlierVerdicts), preexisting });
  const share = shareVerdict(comparison);
  const verdict = share !== undefined && rank[share.verdict] < rank[paired.verdict] ? share.verdict : paired.verdict;
  const shareNote = share === undefined ? '' : `${share.message}; `;
  return { verdict, message: `${shareNote}${share === undefined ? `${title}: ${report.passed} of ${report.total} cases passed; ` : ''}compared with revision ${stableRevision}: ${paired.messages.join('; ')}${earlierVerdicts === 0 ? '' : `; ${atRisk(earlierVerdicts)}`}` };
}

/** Hard cases are the comparison's to judge, where failures that were there before are allowed. */
function shareVerdict({ report, suite, minPassPercent, preexisting }: EvalComparison): EvalVerdict | undefined {
  if (minPassPercent === 0) return undefined;
  if (preexisting === 'Fail') return judgeEvalRun(report, { minPassPercent }, suite);
  const softened = { ...report, failures: report.failures.map((failure) => ({ ...failure, hard: false })) };
  return judgeEvalRun(softened, { minPassPercent }, { ...suite, cases: suite.cases.map(({ name }) => ({ name, hard: false })) });
}
