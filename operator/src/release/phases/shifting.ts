import { durationMilliseconds } from '@sluice/crds';
import type { ObjectiveResult, ReleaseStatus, RolloutStep } from '@sluice/crds';
import { judgeObjectives } from '../../gates/index.ts';
import { isoTime } from '../../evidence/clock-time.ts';
import { epochOf, move, stay } from '../decision.ts';
import type { PhaseRule, ReleaseDecision } from '../decision.ts';
import type { ReleaseObservation } from '../observation.ts';
import { unreadyTooLong, withUnreadySince } from '../readiness.ts';
import type { Readiness } from '../readiness.ts';
import { replicaRatio } from '../replica-plan.ts';

/** How often evidence is gathered and judged, milliseconds. */
const lookAgainMs = 3_000;
/** Restarts within a step at which nothing else is asked any more. */
const tolerableCrashes = 3;

interface Step {
  readonly index: number;
  readonly count: number;
  readonly step: RolloutStep;
}

/** A share of live traffic: first the weight must be real, then the step's time and its objectives decide. */
export const shifting: PhaseRule = (observation) => {
  const current = currentStep(observation);
  if (current === undefined) return toPromotion(observation, 'All steps are done');
  const wanted = replicaRatio({ ...observation, weight: current.step.weight });
  const readiness = observation.canary.ready >= wanted.canary ? 'Ready' : 'Unready';
  const late = unreadyTooLong(observation, readiness);
  if (late !== undefined) {
    return move(observation, { phase: 'RollingBack', reason: 'ProgressDeadlineExceeded', message: late, changes: { weight: 0 } });
  }
  const changes = withUnreadySince(observation, readiness);
  if (observation.release.status?.stepStartedAt === undefined) return startStep(observation, current, readiness, changes);
  return judgeStep(observation, current, readiness, changes);
};

function currentStep({ release }: ReleaseObservation): Step | undefined {
  const steps = release.spec.rollout?.steps ?? [];
  const index = release.status?.step ?? 0;
  const step = steps[index];
  return step === undefined ? undefined : { index, count: steps.length, step };
}

/** Restarts since the step began: each one took the requests in flight and their counts with it. */
function crashes({ release, canary }: ReleaseObservation): number {
  return Math.max(0, (canary.restarts ?? 0) - (release.status?.restartsBefore ?? 0));
}

function startStep(observation: ReleaseObservation, { index, count, step }: Step, readiness: Readiness, changes: Partial<ReleaseStatus>): ReleaseDecision {
  const title = `Step ${index + 1} of ${count}`;
  if (readiness === 'Unready') {
    return stay(observation, `${title}: waiting for pods of revision ${observation.canary.revision} (${observation.canary.ready} ready)`, changes, lookAgainMs);
  }
  const since = isoTime(observation.now);
  const none = { requests: 0, bad: 0, latencyBuckets: [] };
  return stay(
    observation,
    `${title}: ${step.weight} % of the traffic for at least ${step.duration}`,
    { ...changes, stepStartedAt: since, restartsBefore: observation.canary.restarts ?? 0, evidence: { since, missedScrapes: 0, stable: none, canary: none } },
    lookAgainMs,
  );
}

function judgeStep(observation: ReleaseObservation, current: Step, readiness: Readiness, changes: Partial<ReleaseStatus>): ReleaseDecision {
  const { release, now } = observation;
  const crashed = crashes(observation);
  if (crashed >= tolerableCrashes) {
    const message = `Containers of revision ${observation.canary.revision} restarted ${crashed} times in this step`;
    return move(observation, { phase: 'RollingBack', reason: 'PodsCrash', message, changes: { ...changes, weight: 0 } });
  }
  const objectives = release.spec.rollout?.gates?.objectives ?? [];
  const results = judgeObjectives(objectives, observation.evidence, now);
  const judged = { ...changes, objectives: results, ...(observation.evidence === undefined ? {} : { evidence: observation.evidence }) };
  const failed = results.filter((result) => result.verdict === 'Fail');
  if (failed.length > 0) {
    return move(observation, { phase: 'RollingBack', reason: 'ObjectiveFailed', message: `Rolling back: ${sentences(failed)}`, changes: { ...judged, weight: 0 } });
  }
  const endsAt = epochOf(release.status?.stepStartedAt, now) + durationMilliseconds(current.step.duration);
  const left = endsAt - now;
  const open = results.filter((result) => result.verdict !== 'Pass');
  const title = `Step ${current.index + 1} of ${current.count}, ${current.step.weight} %`;
  if (left > 0) return stay(observation, `${title} until ${isoTime(endsAt)}: ${sentences(results)}`, judged, Math.min(left, lookAgainMs));
  if (open.length > 0) return stay(observation, `${title}: its time is over, still open: ${sentences(open)}`, judged, lookAgainMs);
  if (readiness === 'Unready') return stay(observation, `${title}: its time is over, but not all pods are ready (${observation.canary.ready} of ${observation.canary.replicas})`, judged, lookAgainMs);
  return nextStep(observation, current, judged, results);
}

function nextStep(observation: ReleaseObservation, current: Step, judged: Partial<ReleaseStatus>, results: readonly ObjectiveResult[]): ReleaseDecision {
  const steps = observation.release.spec.rollout?.steps ?? [];
  const next = steps[current.index + 1];
  const passed = `Step ${current.index + 1} of ${current.count} passed: ${sentences(results)}`;
  if (next === undefined) return toPromotion(observation, passed, judged);
  const decision = move(observation, {
    phase: 'Shifting',
    reason: 'StepStarted',
    message: `${passed}. Step ${current.index + 2}: ${next.weight} %`,
    changes: { ...judged, step: current.index + 1, weight: next.weight },
  });
  return { ...decision, status: withoutStepClock(decision.status) };
}

function toPromotion(observation: ReleaseObservation, passed: string, judged: Partial<ReleaseStatus> = {}): ReleaseDecision {
  return move(observation, {
    phase: 'Promoting',
    reason: 'AllStepsPassed',
    message: `${passed}. Revision ${observation.release.spec.revision} takes all the traffic`,
    changes: { ...judged, weight: 100 },
  });
}

/** The next step's clock and evidence begin when its weight is real. */
function withoutStepClock(status: ReleaseStatus): ReleaseStatus {
  const { stepStartedAt: _clock, evidence: _evidence, restartsBefore: _restarts, ...rest } = status;
  return rest;
}

function sentences(results: readonly ObjectiveResult[]): string {
  return results.length === 0 ? 'no objectives are set' : results.map((result) => result.message).join('; ');
}
