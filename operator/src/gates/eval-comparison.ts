import { judgeSuite, neededCases, outcomesOf, type SampleResult } from '@sluice/evals/results';
import type { EvalReport } from '@sluice/crds';
import { type EvalVerdict, judgeEvalRun, type JudgedSuite } from './eval-verdict.ts';

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
}

/** Chance of error of each bound; docs/evaluations.md. */
const alpha = 0.05;
const rank: Readonly<Record<EvalVerdict['verdict'], number>> = { Fail: 0, NotMeasured: 1, Inconclusive: 2, Pass: 3 };

/** Why a suite of so many cases is too small for its margin; undefined when it is not. */
export function tooSmall(cases: number, marginPoints: number): string | undefined {
  const needed = neededCases({ margin: marginPoints / 100, alpha });
  return cases >= needed ? undefined : `${cases} cases cannot rule out a drop of ${marginPoints} points: add cases until there are ${needed}, or raise comparison.marginPoints`;
}

/** The verdict on a run against the run of the stable revision on the same cases: the paired test, and the share of passes where one is asked for. */
export function judgeComparison(comparison: EvalComparison): EvalVerdict {
  const { report, suite, marginPoints, preexisting, stableRevision } = comparison;
  const title = `suite "${suite.name}"`;
  const canary = outcomesOf(comparison.canary);
  if (canary.length !== report.total) return { verdict: 'NotMeasured', message: `${title}: results of ${canary.length} cases are kept, but the report is about ${report.total}` };
  const paired = judgeSuite(canary, outcomesOf(comparison.baseline), { margin: marginPoints / 100, alpha, preexisting });
  const share = shareVerdict(comparison);
  const verdict = share !== undefined && rank[share.verdict] < rank[paired.verdict] ? share.verdict : paired.verdict;
  const shareNote = share === undefined ? '' : `${share.message}; `;
  return { verdict, message: `${shareNote}${share === undefined ? `${title}: ${report.passed} of ${report.total} cases passed; ` : ''}compared with revision ${stableRevision}: ${paired.messages.join('; ')}` };
}

/** Hard cases are the comparison's to judge, where failures that were there before are allowed. */
function shareVerdict({ report, suite, minPassPercent, preexisting }: EvalComparison): EvalVerdict | undefined {
  if (minPassPercent === 0) return undefined;
  if (preexisting === 'Fail') return judgeEvalRun(report, { minPassPercent }, suite);
  const softened = { ...report, failures: report.failures.map((failure) => ({ ...failure, hard: false })) };
  return judgeEvalRun(softened, { minPassPercent }, { ...suite, cases: suite.cases.map(({ name }) => ({ name, hard: false })) });
}
