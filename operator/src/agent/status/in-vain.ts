import { durationMilliseconds } from '@sluice/crds';
import type { EvalRun, EvaluationResult, Release } from '@sluice/crds';
import { evalRunName } from '../../evaluation/index.ts';
import { epochOf } from '../../release/decision.ts';
import { progressDeadlineOf } from '../../release/readiness.ts';
import type { AgentObservation } from '../observation.ts';
import type { ReleaseLedger } from '../ledger/releases.ts';

/** What a release tries again and again, or waits for longer than its progressDeadline. It goes on by itself once that is mended. */
export interface InVain {
  readonly reason: 'EvaluationStalled' | 'PodsStalled';
  readonly message: string;
}

/** Runs of one suite that could not measure, from which on a person should look. */
const tellAfterRuns = 3;

/** Undefined where no release is on its way, or it gets on. */
export function inVain(observation: AgentObservation, { active }: ReleaseLedger): InVain | undefined {
  return active === undefined ? undefined : (evaluatedInVain(observation, active) ?? waitedInVain(observation, active));
}

function evaluatedInVain(observation: AgentObservation, release: Release): InVain | undefined {
  const { phase, evaluations = [] } = release.status ?? {};
  if (phase !== 'Evaluating') return undefined;
  const message = evaluations.flatMap((result) => unmeasured(observation, release, result) ?? unbegun(observation, release, result) ?? [])[0];
  return message === undefined ? undefined : { reason: 'EvaluationStalled', message };
}

/** The cause is that of the latest run that has ended. */
function unmeasured({ runs }: AgentObservation, { metadata }: Release, { suite, attempt }: EvaluationResult): string | undefined {
  const runOf = (number: number): EvalRun | undefined => runs.get(evalRunName({ release: metadata.name, suite, attempt: number }));
  const { phase, reason, message } = runOf(attempt)?.status ?? {};
  if (reason !== undefined) return message;
  const hasEnded = phase === 'NotMeasured';
  const ended = hasEnded ? attempt : attempt - 1;
  if (ended < tellAfterRuns) return undefined;
  return `${ended} runs could not measure suite "${suite}", and it is tried again by itself. Last: ${runOf(ended)?.status?.message ?? 'its run is gone'}`;
}

/** Its suite, or something that the run needs, is not there. */
function unbegun({ runs, now }: AgentObservation, release: Release, { evalRun, message, verdict }: EvaluationResult): string | undefined {
  const run = runs.get(evalRun);
  const isWaiting = verdict === 'NotMeasured' && (run === undefined || run.status?.phase === 'Pending');
  const since = epochOf(run?.metadata.creationTimestamp ?? release.status?.phaseStartedAt, now);
  return isWaiting && now - since >= deadlineMs(release) ? `${run?.status?.message ?? message} (this has lasted for more than ${progressDeadlineOf(release)})` : undefined;
}

/** A first release waits for its pods without an end: there is nothing that could serve in their place. */
function waitedInVain({ revisions, now }: AgentObservation, release: Release): InVain | undefined {
  const { unreadySince, message = '' } = release.status ?? {};
  if (release.spec.stableRevision !== undefined || unreadySince === undefined || now - epochOf(unreadySince, now) < deadlineMs(release)) return undefined;
  const { podProblem = message } = revisions.get(release.spec.revision) ?? {};
  return { reason: 'PodsStalled', message: `its pods have not been ready for ${progressDeadlineOf(release)}, and it goes on by itself when they are: ${podProblem}` };
}

function deadlineMs(release: Release): number {
  return durationMilliseconds(progressDeadlineOf(release));
}
