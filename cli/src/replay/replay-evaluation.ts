import type { EvaluationResult, EvalRun } from '@sluice/crds';
import { createReport, outcomesOf, type SampleResult } from '@sluice/evals';
import { judgeComparison } from '@sluice/operator/src/gates/eval-comparison.ts';
import { type EvalVerdict, judgeEvalRun } from '@sluice/operator/src/gates/eval-verdict.ts';
import type { Replayed } from './replay-gates.ts';

/** Results of each sample, as they are kept beside a run. */
export type KeptResults = ReadonlyMap<string, SampleResult>;

export interface KeptEvaluation {
  readonly evalRun: EvalRun;
  readonly results: KeptResults;
  /** Of the run of the stable revision, where there is a comparison. */
  readonly baseline?: { readonly evalRun: EvalRun; readonly results: KeptResults } | undefined;
}

/** Judges the kept results of one suite again. `kept`: undefined where the cluster has none. Pure. */
export function replayEvaluation(recorded: EvaluationResult, kept: KeptEvaluation | 'NotAsked' | undefined): Replayed {
  const title = `suite "${recorded.suite}" (${recorded.evalRun})`;
  if (kept === 'NotAsked') return { kind: 'Nothing', sentence: `${title}: ${recorded.verdict} as recorded, ${recorded.message}; its results are kept in the cluster and not in a file, so it is judged again only by kubectl sluice replay RELEASE` };
  if (kept === undefined || kept.results.size === 0 || kept.evalRun.status?.results?.complete !== true) return { kind: 'Nothing', sentence: `${title}: ${recorded.verdict} as recorded, ${recorded.message}; its results are not kept (any more), so it is not judged again` };
  const { phase, report } = kept.evalRun.status;
  if (phase === 'Pending' || phase === 'Running') return { kind: 'Nothing', sentence: `${title}: its run is not over, so there is no verdict to be judged again` };
  // It ended by something else than its results, such as the end of its release.
  if (phase === 'NotMeasured' && report === undefined) return { kind: 'Nothing', sentence: `${title}: NotMeasured as recorded, ${recorded.message}; its results were never judged` };
  const again = judged(kept);
  if (again === undefined) return { kind: 'Nothing', sentence: `${title}: ${recorded.verdict} as recorded; the results of the stable revision are not kept (any more), so it is not judged again` };
  const sentence = `${title}: ${again.verdict}, ${again.message}`;
  if (again.verdict === recorded.verdict || isUndecided(recorded, kept, again)) return { kind: 'Same', sentence };
  return { kind: 'Differs', sentence, differences: [`status.evaluations: ${recorded.suite} is ${recorded.verdict}, judged again ${again.verdict}`] };
}

/** A release takes for a failure what its run could not decide, and tells it so. */
function isUndecided({ verdict }: EvaluationResult, { evalRun }: KeptEvaluation, again: EvalVerdict): boolean {
  return again.verdict === 'Inconclusive' && verdict === 'Fail' && evalRun.status?.phase === 'Inconclusive';
}

/** As for the operator: what was not measured to its end is no baseline. */
function isBaseline({ spec, status }: EvalRun, { suite }: EvalRun['spec']): boolean {
  return status?.results?.complete === true && status.phase !== 'NotMeasured' && spec.suite.name === suite.name && spec.suite.digest === suite.digest;
}

function judged({ evalRun: { spec }, results, baseline }: KeptEvaluation): EvalVerdict | undefined {
  const outcomes = outcomesOf(results);
  const report = createReport(outcomes);
  const suite = { name: spec.suite.name, cases: outcomes };
  const { comparison, minPassPercent } = spec;
  if (comparison === undefined) return judgeEvalRun(report, { minPassPercent }, suite);
  if (baseline === undefined || baseline.results.size === 0 || !isBaseline(baseline.evalRun, spec)) return undefined;
  const { marginPoints, preexisting, earlierVerdicts } = comparison;
  return judgeComparison({ report, suite, canary: results, baseline: baseline.results, stableRevision: baseline.evalRun.spec.revision, marginPoints, preexisting, minPassPercent, earlierVerdicts });
}
