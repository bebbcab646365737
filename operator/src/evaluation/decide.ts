import type { KubeObject } from '@sluice/kube';
import { ownershipOf } from './child-metadata.ts';
import { compare } from './compare.ts';
import { goOn, isFinished, notMeasured, startOf } from './decision.ts';
import { maxNameLength } from './names.ts';
import type { EvalRunDecision, EvalRunObservation, EvalRunRule } from './observation.ts';
import { podOutcome } from './report.ts';
import { formerJob, takeOver } from './take-over.ts';
import { start } from './start.ts';
import { inputWaitMs } from './time-limits.ts';
import { endedJob, endOf, judgeReport, noReport, overdue, podsOfJob, progress, releaseOver, stuckPod } from './watch.ts';

const lookAgainMs = 2_000;

/** In the order of precedence: the first that decides. */
const rules: readonly EvalRunRule[] = [deleted, finished, unusableName, takenName, formerJob, compare, judgeReport, releaseOver, start, takeOver, noReport, endedJob, stuckPod, overdue, progress];

/**
 * The next move of a run: a pure function of what is seen. A finished run stays as it is. Whatever write is lost in between,
 * the same objects come of the same run.
 */
export function decideEvalRun(observation: EvalRunObservation): EvalRunDecision {
  for (const rule of rules) {
    const decision = rule(observation);
    if (decision !== undefined) return decision;
  }
  return {};
}

/** The garbage collector removes what the run owns. */
function deleted({ evalRun }: EvalRunObservation): EvalRunDecision | undefined {
  return evalRun.metadata.deletionTimestamp === undefined ? undefined : {};
}

/**
 * A Job that a finished run has left behind, with a pod that never gets its image for example, would try on until its deadline.
 * A Job whose pod has ended stays with its log.
 */
function finished(observation: EvalRunObservation): EvalRunDecision | undefined {
  const { evalRun, job } = observation;
  if (!isFinished(evalRun.status?.phase)) return undefined;
  const isGoing = job !== undefined && endOf(job) === undefined && job.metadata.deletionTimestamp === undefined && ownershipOf(job, evalRun) === 'ours';
  return isGoing && podsOfJob(observation).every((pod) => podOutcome(pod).kind === 'Open') ? { deleteJob: job } : {};
}

function unusableName(observation: EvalRunObservation): EvalRunDecision | undefined {
  const { name } = observation.evalRun.metadata;
  if (name.length <= maxNameLength) return undefined;
  return notMeasured(observation, `the name of the EvalRun has ${name.length} characters and cannot name its Job; use ${maxNameLength} at most`);
}

function takenName(observation: EvalRunObservation): EvalRunDecision | undefined {
  const { evalRun, configMap, networkPolicy, job, now } = observation;
  const taken = [configMap, networkPolicy, job].find((object): object is NonNullable<typeof object> => object !== undefined && ownershipOf(object, evalRun) !== 'ours');
  if (taken === undefined) return undefined;
  const isPatient = ownershipOf(taken, evalRun) === 'former' && now - startOf(observation) < inputWaitMs;
  if (isPatient) return goOn(observation, { phase: 'Pending', message: `waiting: ${titleOf(taken)} of an earlier run is being removed`, requeueAfterMs: lookAgainMs });
  return notMeasured(observation, `${titleOf(taken)} exists and does not belong to this run; delete it`);
}

function titleOf({ kind, metadata }: KubeObject): string {
  return `${kind} "${metadata.name}"`;
}
