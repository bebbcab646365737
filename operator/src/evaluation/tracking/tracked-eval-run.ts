import type { EvalRun, EvalRunPhase } from '@sluice/crds';
import { type EvaluatedRun, trackedEvaluation, type TrackedRun } from '@sluice/evals/mlflow';
import { outcomesOf, type SampleResult } from '@sluice/evals/results';
import { epochMsOf } from '../../evidence/index.ts';

type Results = ReadonlyMap<string, SampleResult>;

export interface EndedEvalRun {
  readonly evalRun: EvalRun;
  readonly results: Results;
  /** Of the run of the stable revision, where the run was compared with one and its results are kept. */
  readonly baseline?: { readonly evalRun: EvalRun; readonly results: Results } | undefined;
}

const verdictOf: Readonly<Record<EvalRunPhase, EvaluatedRun['verdict']['verdict']>> = { Passed: 'Pass', Failed: 'Fail', Inconclusive: 'Inconclusive', NotMeasured: 'NotMeasured', Pending: 'NotMeasured', Running: 'NotMeasured' };

/** A run that has ended as the tracking server keeps it; by its UID, so that it is told once however often that is tried. */
export function trackedEvalRun({ evalRun, results, baseline }: EndedEvalRun): TrackedRun {
  const { metadata: { namespace = '', name, uid = '' }, spec, status = {} } = evalRun;
  const startedAt = epochMsOf(status.startedAt) ?? 0;
  const run = trackedEvaluation(
    {
      suite: spec.suite,
      candidate: `${spec.agentName}@${spec.revision}`,
      baseline: baseline === undefined ? undefined : `${baseline.evalRun.spec.agentName}@${baseline.evalRun.spec.revision}`,
      outcomes: outcomesOf(results),
      baselineOutcomes: baseline === undefined ? undefined : outcomesOf(baseline.results),
      verdict: { verdict: verdictOf[status.phase ?? 'NotMeasured'], messages: status.message === undefined ? [] : [status.message] },
    },
    { experiment: `sluice/${namespace}/${spec.suite.name}`, startedAt, endedAt: epochMsOf(status.finishedAt) ?? startedAt, key: uid },
  );
  return { ...run, tags: { ...run.tags, 'sluice.eval_run': `${namespace}/${name}`, 'sluice.release': spec.release } };
}
