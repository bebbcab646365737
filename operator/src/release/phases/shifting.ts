import { durationMilliseconds } from '@sluice/crds';
import type { ReleaseStatus } from '@sluice/crds';
import { isoTime } from '../../evidence/clock-time.ts';
import { emptyEvidence } from '../../evidence/empty-evidence.ts';
import { countAtStepStart } from '../crash-count.ts';
import { darkLaunchHint } from '../dark-launch.ts';
import { epochOf, move, rollBack, stay } from '../decision.ts';
import type { PhaseRule, ReleaseDecision } from '../decision.ts';
import { forecastChanges, gateAtStepStart, objectivesOf } from '../gate-look.ts';
import { lookAgainMsOf, unmeasuredMs } from '../look-again.ts';
import type { ReleaseObservation } from '../observation.ts';
import { enterStep, holdLimitOf, isSameShare, planOf, positionOf, shareIn, shareSentence, stepAt, titleOf } from '../plan.ts';
import type { Position } from '../plan.ts';
import { lookAgainWhileUnready, unreadyTooLong, withUnreadySince, withWhomItAwaits } from '../readiness.ts';
import type { Readiness } from '../readiness.ts';
import { examine, sentencesOf } from '../safety.ts';
import type { Findings } from '../safety.ts';
import { shareOf } from '../share.ts';
import type { Share } from '../share.ts';
import { towardsPromotion } from './towards-promotion.ts';


/** A share of live traffic: first it must be real, then the step's time and its objectives decide. */
export const shifting: PhaseRule = (observation) => {
  const position = positionOf(observation.release);
  if (position === undefined) return towardsPromotion(observation, { passed: 'The spec asks for no steps any more', reason: 'NoSteps' });
  if (!isSameShare(position.step, shareIn(observation.release.status ?? {}))) return edited(observation, position);
  const share = shareOf(observation, position);
  if (position.step.mirrorPercent !== undefined && observation.traffic.state === 'Refused') return refused(observation);
  const readiness: Readiness = share.kind === 'Missing' ? { kind: 'Unready', lacks: withWhomItAwaits(observation, share.message) } : { kind: 'Ready' };
  const late = unreadyTooLong(observation, readiness);
  if (late !== undefined) return rollBack(observation, { reason: lateReason(observation), message: late });
  const changes = withUnreadySince(observation, readiness);
  if (observation.release.status?.stepStartedAt === undefined) return startStep(observation, { position, share, changes });
  return judgeStep(observation, { position, share, changes });
};

interface StepLook {
  readonly position: Position;
  readonly share: Share;
  /** To be kept in the status. */
  readonly changes: Partial<ReleaseStatus>;
}

/** The steps are others than those by which the release got what it has. */
function edited(observation: ReleaseObservation, position: Position): ReleaseDecision {
  const message = `The steps were edited; the release goes on with step ${position.index + 1} of ${position.count}: ${shareSentence(position.step)}`;
  return move(observation, { phase: 'Shifting', reason: 'PlanEdited', message, changes: enterStep(position) });
}

/** A filter that a Gateway does not know may take its whole route down, the stable revision's traffic with it: there is no waiting. */
function refused(observation: ReleaseObservation): ReleaseDecision {
  return rollBack(observation, { reason: 'RouteRefused', message: `The Gateway refuses to copy requests: ${observation.traffic.message ?? 'it does not say why'}` });
}

function lateReason({ traffic }: ReleaseObservation): string {
  return traffic.state === 'Refused' ? 'RouteRefused' : 'ProgressDeadlineExceeded';
}

function startStep(observation: ReleaseObservation, { position, share, changes }: StepLook): ReleaseDecision {
  const { release, now } = observation;
  const title = titleOf(position);
  if (share.kind !== 'Real') {
    // Harm that the steps before have left behind is found also on the way to the next one.
    const found = release.status?.gate?.startedAt === undefined ? { judged: forecastChanges(observation) } : examine(observation);
    if ('rollback' in found && found.rollback !== undefined) return found.rollback;
    return stay(observation, `${title}: waiting, ${withWhomItAwaits(observation, share.message)}`, { ...changes, ...found.judged }, Math.min(lookAgainMsOf(observation), lookAgainWhileUnready(observation)));
  }
  const since = isoTime(now);
  return stay(
    observation,
    `${title}: ${shareSentence(position.step)} for at least ${position.step.duration}`,
    { ...changes, stepStartedAt: since, crashes: countAtStepStart(observation), evidence: release.status?.evidence ?? emptyEvidence(since, observation.evidence?.past), ...gateAtStepStart(observation) },
    0,
  );
}

function judgeStep(observation: ReleaseObservation, look: StepLook): ReleaseDecision {
  const findings = examine(observation);
  if (findings.rollback !== undefined) return findings.rollback;
  const judged = { ...look.changes, ...findings.judged };
  return objectivesOf(observation).length === 0 ? waitForTime(observation, look, { ...findings, judged }) : heedGates(observation, look, { ...findings, judged });
}

/** Without objectives the time of the step is all that it asks for. */
function waitForTime(observation: ReleaseObservation, { position, share }: StepLook, findings: Findings): ReleaseDecision {
  const { release, now } = observation;
  const endsAt = epochOf(release.status?.stepStartedAt, now) + durationMilliseconds(position.step.duration);
  const left = endsAt - now;
  const title = titleOf(position);
  if (left > 0) return stay(observation, `${title} until ${isoTime(endsAt)}: ${sentencesOf([])}`, findings.judged, Math.min(left, unmeasuredMs));
  if (share.kind !== 'Real') return stay(observation, `${title}: its time is over, but ${share.message}`, findings.judged, lookAgainWhileUnready(observation));
  return nextStep(observation, position, findings);
}

/** Between the ends of two blocks nothing is decided, and nothing new is said. */
function heedGates(observation: ReleaseObservation, { position, share }: StepLook, findings: Findings): ReleaseDecision {
  const { judgement, judged } = findings;
  const title = titleOf(position);
  if (judgement === undefined) return stay(observation, observation.release.status?.message ?? title, judged, lookAgainMsOf(observation));
  const { verdict, reason, sentence } = judgement;
  if (verdict === 'Pause') return awaitDecision(observation, sentence, judged);
  if (verdict === 'Rollback') return outOfTime(observation, sentence, judged);
  if (verdict === 'Hold') return stay(observation, `${title}: ${sentence}${darkLaunchHint(observation.release, position)}`, judged, lookAgainMsOf(observation));
  if (share.kind !== 'Real') return stay(observation, `${title}: ${sentence}; but ${share.message}`, judged, lookAgainMsOf(observation));
  if (verdict === 'NextStep') return nextStep(observation, position, findings);
  const timeUp = reason === 'TimeUp' ? `The time is up, and the rollout says that it is promoted then: ${sentence}` : `Step ${position.index + 1} of ${position.count} passed: ${sentence}`;
  return towardsPromotion(observation, { passed: `${timeUp}${unguarded(findings)}`, reason: reason === 'TimeUp' ? 'Inconclusive' : 'AllStepsPassed', changes: judged });
}

/** A guard that was never measured holds nothing up, and is no pass: whoever reads of the promotion is told. */
function unguarded({ results }: Pick<Findings, 'results'>): string {
  const names = results.filter(({ verdict }) => verdict === 'NotMeasured').map(({ name }) => name);
  return names.length === 0 ? '' : `; never measured, so it guarded nothing: ${names.join(', ')}`;
}

/** The traffic could not decide in time, so a person does. */
function awaitDecision(observation: ReleaseObservation, sentence: string, judged: Findings['judged']): ReleaseDecision {
  const { release, now } = observation;
  const { agentName } = release.spec;
  return move(observation, {
    phase: 'AwaitingApproval',
    reason: 'Inconclusive',
    message: `Not decided within ${planOf(release)?.maxDuration ?? ''}: ${sentence}. Somebody must decide (kubectl sluice promote ${agentName}, which gives all the traffic to what is not proven, or kubectl sluice abort ${agentName}); without an answer within ${holdLimitOf(release)} it is rolled back`,
    changes: { ...judged, approval: { requestedAt: isoTime(now), cause: 'Inconclusive' } },
  });
}

function outOfTime(observation: ReleaseObservation, sentence: string, judged: Findings['judged']): ReleaseDecision {
  return rollBack(observation, {
    reason: 'MaxDurationExceeded',
    message: `Not promoted within ${planOf(observation.release)?.maxDuration ?? ''}, and an open question is no pass: ${sentence}`,
    changes: judged,
  });
}

function nextStep(observation: ReleaseObservation, { index, count }: Position, { results, judged }: Findings): ReleaseDecision {
  const passed = `Step ${index + 1} of ${count} passed: ${sentencesOf(results)}`;
  const next = stepAt(planOf(observation.release), index + 1);
  if (next === undefined) return towardsPromotion(observation, { passed, reason: 'AllStepsPassed', changes: judged });
  return move(observation, {
    phase: 'Shifting',
    reason: 'StepStarted',
    message: `${passed}. Step ${next.index + 1}: ${shareSentence(next.step)}`,
    changes: { ...judged, ...enterStep(next) },
  });
}

