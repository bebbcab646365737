import type { EvalGate } from '@sluice/crds';
import { type CaseOutcome, createReport, defaultVerdictPolicy, judgeSuite, type SuiteVerdict } from '@sluice/evals';
import { tooSmall } from '@sluice/operator/src/gates/eval-comparison.ts';
import { judgeEvalRun } from '@sluice/operator/src/gates/eval-verdict.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import type { RunOptions } from './run-options.ts';
import type { PreparedSuite } from './suite.ts';

export type Verdict = SuiteVerdict['verdict'];

/** What a run comes to. */
export interface RunVerdict {
  readonly verdict: Verdict;
  /** One sentence each, those that decide first. */
  readonly messages: readonly string[];
}

export interface VerdictInput {
  readonly suiteName: string;
  readonly candidate: readonly CaseOutcome[];
  readonly baseline: readonly CaseOutcome[] | undefined;
  /** What the agent's own rollout asks of the suite, where it names it. */
  readonly gate: EvalGate | undefined;
  readonly options: Pick<RunOptions, 'minPassPercent' | 'marginPoints'>;
}

/** The worse come first. */
const order: readonly Verdict[] = ['Fail', 'NotMeasured', 'Inconclusive', 'Pass'];

export const exitCodeOf: Readonly<Record<Verdict, ExitCode>> = { Pass: exitCode.ok, Fail: exitCode.bad, Inconclusive: exitCode.inconclusive, NotMeasured: exitCode.notMeasured };

/** By the code of the operator's gate: the share of passes where one is asked for, and the comparison where there is a baseline. All must pass. */
export function verdictOf(input: VerdictInput): RunVerdict {
  const parts = [shareVerdict(input), comparison(input)].flatMap((part) => part ?? []).toSorted((left, right) => order.indexOf(left.verdict) - order.indexOf(right.verdict));
  return { verdict: parts[0]?.verdict ?? 'NotMeasured', messages: parts.flatMap(({ messages }) => messages) };
}

/** Why a suite is not asked at all: as in a cluster, an inline one that could not show a drop of the margin costs nothing. */
export function refusalOf({ name, spec, survey }: Pick<PreparedSuite, 'name' | 'spec' | 'survey'>, { gate, options }: { readonly gate: EvalGate | undefined; readonly options: Pick<RunOptions, 'marginPoints' | 'casesFile'> }): RunVerdict | undefined {
  if (spec.casesFrom !== undefined || options.casesFile !== undefined) return undefined;
  const problem = tooSmall(survey.cases, options.marginPoints ?? gate?.comparison?.marginPoints ?? defaultVerdictPolicy.margin * 100);
  return problem === undefined ? undefined : { verdict: 'NotMeasured', messages: [`suite "${name}": ${problem}`] };
}

/** As in a cluster, all cases must pass unless something else is asked for. */
function shareVerdict({ suiteName, candidate, baseline, gate, options }: VerdictInput): RunVerdict | undefined {
  const minPassPercent = options.minPassPercent ?? gate?.minPassPercent ?? (baseline === undefined ? 100 : undefined);
  if (minPassPercent === undefined) return undefined;
  // Hard cases are the comparison's to judge, where failures that were there before are allowed.
  const cases = baseline !== undefined && gate?.comparison?.preexisting === 'Allow' ? candidate.map((each) => ({ ...each, hard: false })) : candidate;
  const { verdict, message } = judgeEvalRun(createReport(cases), { minPassPercent }, { name: suiteName, cases });
  return { verdict, messages: [message] };
}

function comparison({ candidate, baseline, gate, options }: VerdictInput): RunVerdict | undefined {
  if (baseline === undefined) return undefined;
  const { marginPoints, preexisting } = { marginPoints: options.marginPoints ?? gate?.comparison?.marginPoints, preexisting: gate?.comparison?.preexisting };
  return judgeSuite(candidate, baseline, {
    ...defaultVerdictPolicy,
    ...(marginPoints === undefined ? {} : { margin: marginPoints / 100 }),
    ...(preexisting === undefined ? {} : { preexisting }),
  });
}
