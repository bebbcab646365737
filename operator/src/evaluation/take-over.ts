import type { KeptResultsStatus } from '@sluice/crds';
import type { Pod } from '@sluice/kube';
import { epochMsOf } from '../evidence/index.ts';
import { agentContainerName } from '../revision/pod-names.ts';
import { attemptOf, attemptOfJob, maximumDeaths, maximumDisruptions } from './attempts.ts';
import { goOn, keptResults } from './decision.ts';
import type { EvalRunDecision, EvalRunObservation, EvalRunRule } from './observation.ts';
import { podOutcome } from './report.ts';
import { reportWaitMs } from './time-limits.ts';
import { endOf, podsOfJob } from './watch.ts';

const lookAgainMs = 1_000;
/** Exit codes from here on say that a signal ended the process: out of memory, killed, crashed. */
const firstSignalCode = 128;

/** The Job of a pod that is lost goes before another one is made under its name. */
export const formerJob: EvalRunRule = (observation) => {
  const { evalRun, job } = observation;
  if (job === undefined || attemptOfJob(job) >= attemptOf(evalRun)) return undefined;
  const state = goOn(observation, { phase: 'Pending', message: evalRun.status?.message ?? '', requeueAfterMs: lookAgainMs });
  return job.metadata.deletionTimestamp === undefined ? { ...state, deleteJob: job } : state;
};

/**
 * The pod of the run was lost before its end: another one goes on with what is missing. One that the cluster took away is replaced
 * anyhow, one that died by itself only as long as pods bring results: a pod that dies at once would die for ever.
 */
export const takeOver: EvalRunRule = (observation) => {
  const attempt = attemptOf(observation.evalRun);
  const kept = keptResults(observation);
  const loss = lossOf(observation);
  const isWorthIt = loss === 'Disrupted' ? attempt < maximumDisruptions : loss === 'Died' && (kept?.read ?? 0) > 0 && attempt < maximumDeaths;
  return isWorthIt ? nextAttempt(observation, attempt + 1, kept) : undefined;
};

function nextAttempt(observation: EvalRunObservation, attempt: number, kept: KeptResultsStatus | undefined): EvalRunDecision {
  const { evalRun } = observation;
  const results = kept === undefined ? undefined : { chunks: kept.chunks, read: 0, complete: false, ...(kept.tail === undefined ? {} : { tail: kept.tail }) };
  const message = `suite "${evalRun.spec.suite.name}" goes on in another pod (number ${attempt}), because its pod was lost`;
  const { status } = goOn({ ...observation, told: undefined }, { phase: 'Pending', message });
  return { status: { ...status, attempt, ...(results === undefined ? {} : { results }) }, requeueAfterMs: lookAgainMs };
}

function lossOf(observation: EvalRunObservation): 'Disrupted' | 'Died' | undefined {
  const pods = podsOfJob(observation);
  const outcomes = pods.map(podOutcome);
  if (outcomes.some(({ kind }) => kind === 'Open' || kind === 'Report')) return undefined;
  if (outcomes.some(({ kind }) => kind === 'Disrupted')) return 'Disrupted';
  if (pods.some(isKilled)) return 'Died';
  const end = endOf(observation.job);
  const isGone = pods.length === 0 && end !== undefined && end.reason !== 'DeadlineExceeded' && (epochMsOf(end.lastTransitionTime) ?? 0) + reportWaitMs <= observation.now;
  return isGone ? 'Died' : undefined;
}

function isKilled({ status }: Pod): boolean {
  const terminated = status?.containerStatuses?.find(({ name }) => name === agentContainerName)?.state?.terminated;
  return terminated !== undefined && (terminated.exitCode >= firstSignalCode || terminated.reason === 'OOMKilled');
}
