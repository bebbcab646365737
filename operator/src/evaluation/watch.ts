import type { EvalReport, EvalRun } from '@sluice/crds';
import { isOwnedBy, type Condition, type Job, type Pod } from '@sluice/kube';
import { epochMsOf } from '../evidence/index.ts';
import { progressLine } from '@sluice/evals/results';
import { judgeEvalRun, type JudgedSuite } from '../gates/index.ts';
import { isTerminal } from '../release/decision.ts';
import { providerKeyOf, withKeyNames } from '../revision/index.ts';
import { finish, goOn, notMeasured, startOf } from './decision.ts';
import { judgedSuite } from './judged-suite.ts';
import type { EvalRunDecision, EvalRunObservation, EvalRunRule } from './observation.ts';
import { type RunOutcome, withObstacle } from './obstacle.ts';
import { podTrouble } from './pod-trouble.ts';
import { podOutcome } from './report.ts';
import { boundary } from './start.ts';
import { frozenSuite } from './suite-config-map.ts';
import { overdueMarginMs, reportWaitMs } from './time-limits.ts';

const lookAgainMs = 2_000;
/** How often a pod is looked at though it tells of nothing more. */
const pollMs = 5_000;
/** How often one that has begun and tells nothing yet, and for how long: it may find out something as soon as it does. */
const firstPollMs = 1_000;
const firstMs = 60_000;

/** A report is judged as soon as there is one, whatever else happened. */
export const judgeReport: EvalRunRule = (observation) => {
  const { evalRun, configMap } = observation;
  const outcome = podsOfJob(observation).map(podOutcome).find((each) => each.kind === 'Report');
  if (outcome === undefined) return undefined;
  const suite = configMap === undefined ? undefined : frozenSuite(evalRun, configMap);
  if (suite === undefined) return notMeasured(observation, `ConfigMap "${evalRun.metadata.name}" with its cases is gone, so the report cannot be checked`);
  const judged = judgedSuite(evalRun, suite);
  if (evalRun.spec.comparison !== undefined) return goOn(observation, { phase: 'Running', message: `suite "${judged.name}" is measured; it is compared with the stable revision next`, report: outcome.report, results: 'IntoConfigMap', requeueAfterMs: 250 });
  const { message, ...rest } = verdictOf(evalRun, outcome.report, judged);
  return finish(observation, { ...rest, message: namingKey(message, observation) }, outcome.report);
};

/** A container knows neither the Secret of its key nor the ModelProvider that names it. */
function namingKey(said: string, { revision }: EvalRunObservation): string {
  return revision === undefined ? said : withKeyNames(said, providerKeyOf(revision.podTemplate), revision.provider);
}

/** A baseline gates nothing: whatever it comes to is what others are compared with. */
function verdictOf({ spec }: EvalRun, report: EvalReport, suite: JudgedSuite): RunOutcome {
  const outcome = withObstacle(judgeEvalRun(report, spec, suite), suite.name, { 'so far': report });
  return spec.purpose === 'Baseline' && outcome.verdict === 'Fail' ? { ...outcome, verdict: 'Pass' } : outcome;
}


/**
 * Nobody asks any more: the release was superseded, or another suite has ended it. The Job, which pays for every answer, is removed at
 * the next look. A release of the same name that came later is not the one that asked.
 */
export const releaseOver: EvalRunRule = (observation) => {
  const { evalRun, release } = observation;
  // The release of the stable revision is over long before its revision is measured for others.
  if (evalRun.spec.purpose === 'Baseline') return undefined;
  if (release === undefined || !isOwnedBy(evalRun, release) || !isTerminal(release.status?.phase)) return undefined;
  return notMeasured(observation, `its Release "${release.metadata.name}" ended (${release.status?.phase}) before there was a result`);
};

/** The pod ended and left no report. */
export const noReport: EvalRunRule = (observation) => {
  const outcome = podsOfJob(observation).map(podOutcome).find((each) => each.kind === 'NoReport');
  return outcome === undefined ? undefined : notMeasured(observation, namingKey(outcome.reason, observation));
};

/** The Job ended, but no pod tells how: it was deleted with its report, or the news of it is still on its way. */
export const endedJob: EvalRunRule = (observation) => {
  const end = endOf(observation.job);
  if (end === undefined) return undefined;
  if (end.reason === 'DeadlineExceeded') {
    return notMeasured(observation, `it did not finish within ${observation.job?.spec.activeDeadlineSeconds} s, which the number of cases and spec.caseTimeout allow`);
  }
  const left = (epochMsOf(end.lastTransitionTime) ?? 0) + reportWaitMs - observation.now;
  if (left <= 0) return notMeasured(observation, `its Job ended (${end.reason ?? end.type}), but the pod with the report is gone`);
  return goOn(observation, { phase: 'Running', message: 'the Job has ended; waiting for the report of its pod', requeueAfterMs: Math.min(left, lookAgainMs) });
};

/** The pod cannot start, and waiting longer would not help. */
export const stuckPod: EvalRunRule = (observation) => {
  const stuck = podsOfJob(observation).map(podTrouble).find((trouble) => trouble?.giveUpAt !== undefined && trouble.giveUpAt <= observation.now);
  return stuck === undefined ? undefined : notMeasured(observation, stuck.sentence);
};

/** Nobody ran the Job in its time: no node, no quota, no Job controller. */
export const overdue: EvalRunRule = (observation) => {
  if (leftMs(observation) > 0) return undefined;
  const trouble = podsOfJob(observation).map(podTrouble).find((each) => each !== undefined);
  return notMeasured(observation, `it did not finish in time${trouble === undefined ? '; look at the events of its Job' : `: ${trouble.sentence}`}`);
};

/** The Job is under way. */
export const progress: EvalRunRule = (observation) => ({ ...progressOf(observation), ...boundary(observation) });

function progressOf(observation: EvalRunObservation): EvalRunDecision {
  const pods = podsOfJob(observation);
  const name = `suite "${observation.evalRun.spec.suite.name}"`;
  const trouble = pods.map(podTrouble).find((each) => each !== undefined);
  const requeueAfterMs = Math.max(1, Math.min(leftMs(observation), (trouble?.giveUpAt ?? Infinity) - observation.now));
  if (trouble !== undefined) return goOn(observation, { phase: 'Pending', message: `${name} waits: ${trouble.sentence}`, requeueAfterMs });
  const running = pods.find((pod) => pod.status?.phase === 'Running');
  if (running !== undefined) return goOn(observation, { phase: 'Running', message: `${name} is running${toldProgress(observation)}`, requeueAfterMs: Math.min(requeueAfterMs, isSilentYet(observation, running) ? firstPollMs : pollMs) });
  const { lackingFile } = observation;
  if (lackingFile !== undefined) return goOn(observation, { phase: 'Pending', message: `${name} waits: ${lackingFile}`, requeueAfterMs: Math.min(requeueAfterMs, pollMs) });
  return goOn(observation, { phase: 'Pending', message: `${name} waits for its pod to start`, requeueAfterMs });
}

function isSilentYet({ told, evalRun, now }: EvalRunObservation, { metadata, status }: Pod): boolean {
  const startedAt = epochMsOf(status?.startTime) ?? epochMsOf(metadata.creationTimestamp) ?? 0;
  return told === undefined && evalRun.status?.results?.pod !== metadata.uid && now - startedAt < firstMs;
}

function toldProgress({ told }: EvalRunObservation): string {
  return told?.page.progress === undefined ? '' : `: ${progressLine(told.page.progress)}`;
}

/** Only pods of our Job: a label alone is anybody's to set. */
export function podsOfJob({ job, pods }: EvalRunObservation): Pod[] {
  const uid = job?.metadata.uid;
  return uid === undefined ? [] : pods.filter((pod) => pod.metadata.ownerReferences?.some((owner) => owner.controller === true && owner.uid === uid));
}

/** The condition that says the Job has ended. */
export function endOf(job: Job | undefined): Condition | undefined {
  return job?.status?.conditions?.find((condition) => (condition.type === 'Complete' || condition.type === 'Failed') && condition.status === 'True');
}

function leftMs(observation: EvalRunObservation): number {
  const allowed = (observation.job?.spec.activeDeadlineSeconds ?? 0) * 1000 + overdueMarginMs;
  return startOf(observation) + allowed - observation.now;
}
