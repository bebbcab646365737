import type { EvalRun } from '@sluice/crds';
import { judgeComparison } from '../gates/index.ts';
import { releaseOver } from './watch.ts';
import { finish, goOn, isFinished, notMeasured } from './decision.ts';
import { twoJudges } from './judge-provider.ts';
import { judgedSuite } from './judged-suite.ts';
import type { EvalRunDecision, EvalRunObservation, EvalRunRule } from './observation.ts';
import { withObstacle } from './obstacle.ts';
import { frozenSuite } from './suite-config-map.ts';

const lookAgainMs = 5_000;

/** The run is measured, and the stable revision decides what it comes to. */
export const compare: EvalRunRule = (observation) => {
  const { evalRun, baseline } = observation;
  const { report, results } = evalRun.status ?? {};
  if (evalRun.spec.comparison === undefined || report === undefined) return undefined;
  if (results?.complete !== true) return notMeasured(observation, `its results could not be read from its pod; the operator must reach the pods of the namespace "${evalRun.metadata.namespace ?? ''}" at their port 8080`);
  if (baseline === undefined || !isFinished(baseline.status?.phase)) return releaseOver(observation) ?? awaitBaseline(observation, baseline);
  return baselineProblem(observation, baseline) ?? judged(observation, baseline);
};

function awaitBaseline(observation: EvalRunObservation, baseline: EvalRun | undefined): EvalRunDecision {
  const { evalRun: { spec, status } } = observation;
  const other = baseline === undefined ? `run "${spec.comparison?.baselineRun}" of the stable revision is about to be made` : (baseline.status?.message ?? 'the run of the stable revision is starting');
  return goOn(observation, { phase: 'Running', message: `suite "${spec.suite.name}" is measured and waits for the stable revision: ${other}`, report: status?.report, requeueAfterMs: lookAgainMs });
}

/** What was measured in other circumstances is no baseline. */
function baselineProblem(observation: EvalRunObservation, { metadata, spec, status }: EvalRun): EvalRunDecision | undefined {
  const { suite } = observation.evalRun.spec;
  const run = `run "${metadata.name}" of the stable revision`;
  if (spec.suite.name !== suite.name || spec.suite.digest !== suite.digest) return notMeasured(observation, `${run} is of other cases`);
  if (status?.phase === 'NotMeasured' || status?.report === undefined) return notMeasured(observation, `${run} has no result to compare with: ${status?.message ?? 'nothing is known of it'}`, status?.reason);
  return status.results?.complete === true ? undefined : notMeasured(observation, `not all results of ${run} are kept`);
}

function judged(observation: EvalRunObservation, baseline: EvalRun): EvalRunDecision {
  const { evalRun, configMap, kept, revision, stable } = observation;
  const { comparison, minPassPercent } = evalRun.spec;
  const suite = configMap === undefined ? undefined : frozenSuite(evalRun, configMap);
  if (suite === undefined) return notMeasured(observation, `ConfigMap "${evalRun.metadata.name}" with its cases is gone, so the report cannot be checked`);
  const report = evalRun.status?.report;
  if (comparison === undefined || report === undefined || kept?.canary === undefined || kept.baseline === undefined) return notMeasured(observation, 'ConfigMaps with results of it or of the stable revision are gone or damaged');
  const { marginPoints, preexisting, earlierVerdicts } = comparison;
  const verdict = judgeComparison({
    report, suite: judgedSuite(evalRun, suite), canary: kept.canary, baseline: kept.baseline, stableRevision: baseline.spec.revision, marginPoints, preexisting, minPassPercent, earlierVerdicts,
  });
  const judges = twoJudges({ suite, stable: stable?.bundle.model.provider, canary: revision?.bundle.model.provider });
  const told = judges === undefined ? verdict : { ...verdict, message: `${verdict.message}; ${judges}` };
  return finish(observation, withObstacle(told, evalRun.spec.suite.name, { 'the new revision': report, 'the stable revision': baseline.status?.report }));
}
