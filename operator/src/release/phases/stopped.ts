import { durationMilliseconds } from '@sluice/crds';
import type { HoldReason, ReleasePhase, ReleaseStatus } from '@sluice/crds';
import { move, rollBack, stay } from '../decision.ts';
import type { PhaseRule, ReleaseDecision } from '../decision.ts';
import { hasMetNobody } from '../exposure.ts';
import { hasBeenHeldFor, heldFor, isBounded } from '../holds/standing-hold.ts';
import { lookAgainMsOf, measuredMs, unmeasuredMs } from '../look-again.ts';
import { lookAgainMs as turnLookAgainMs, type TakenTurns, toldAfterMs as turnToldAfterMs, turnSentence } from '../../pacing/release-turns.ts';
import type { Hindrance, ReleaseObservation } from '../observation.ts';
import { holdLimitOf } from '../plan.ts';
import { unreadyTooLong, withUnreadyTime } from '../readiness.ts';
import type { Readiness } from '../readiness.ts';
import { examine } from '../safety.ts';
import { stopClock } from '../stopped-clock.ts';

/** What ends by the calendar or is told by an event is looked at less often, because a whole fleet may wait for it; milliseconds. */
const lookAgainWhile: Readonly<Record<HoldReason, number>> = { ProviderOutage: measuredMs, MetricsMissing: measuredMs, Freeze: unmeasuredMs, Dependency: unmeasuredMs, Suspended: 60_000, SpecUnreadable: unmeasuredMs };
/** In which phases a hindrance stops a release. Rolling back is always possible. */
const holds: Readonly<Record<HoldReason, readonly ReleasePhase[]>> = {
  // Nobody may agree in a freeze, so the time in which somebody must does not run either.
  Freeze: ['Preparing', 'Evaluating', 'Shifting', 'AwaitingApproval'],
  Dependency: ['Preparing', 'Evaluating', 'Shifting'],
  ProviderOutage: ['Evaluating', 'Shifting', 'AwaitingApproval'],
  MetricsMissing: ['Shifting', 'AwaitingApproval'],
  // Nothing is decided for an agent as long as it is suspended (agent/suspension.ts).
  Suspended: [],
  // One that takes all the traffic already is not stopped half-way, but not promoted either (promoting.ts).
  SpecUnreadable: ['Preparing', 'Evaluating', 'Shifting', 'AwaitingApproval'],
};

/** The first hindrance that applies to `phase`. Going back to a revision that was promoted before is never hindered. */
export function hindranceIn(phase: ReleasePhase, observation: ReleaseObservation): Hindrance | undefined {
  const { hindrances, provenness, canary } = observation;
  if (provenness === 'Promoted') return undefined;
  return hindrances.find(({ reason, correction }) => {
    // What can never be measured is not begun: the pods of a release would meet users whom nothing protects.
    if (correction === 'NoPrometheus' && (phase === 'Preparing' || phase === 'Evaluating' || (phase === 'Shifting' && hasMetNobody(observation)))) return true;
    if (!holds[reason].includes(phase)) return false;
    // Pods that are not there cannot be measured either; they have a deadline of their own. What is held goes on once it is measured, not when its pods go.
    if (reason === 'MetricsMissing') return canary.ready > 0 || hasBeenHeldFor('MetricsMissing', observation.release.status);
    return reason !== 'Dependency' || mayWaitForOthers(phase, observation);
  });
}

function isHeldUnmeasured({ release: { status } }: ReleaseObservation): boolean {
  return status?.phase === 'Held' && status.stop?.reason === 'MetricsMissing';
}

/** Once users meet it, a new change of what it depends on is another change. */
export function mayWaitForOthers(phase: ReleasePhase, observation: ReleaseObservation): boolean {
  return holds.Dependency.includes(phase) && (phase !== 'Shifting' || hasMetNobody(observation));
}

/** Weight and clock stand until the hindrance is gone. */
export function hold(observation: ReleaseObservation): ReleaseDecision | undefined {
  const { release, now } = observation;
  const phase = release.status?.phase;
  const hindrance = phase === undefined ? undefined : hindranceIn(phase, observation);
  if (hindrance === undefined) return undefined;
  const stopped = stopClock(release.status ?? {}, { now, reason: hindrance.reason });
  const waitsOutside = hindrance.reason === 'Dependency' || (hindrance.correction === 'NoPrometheus' && hasMetNobody(observation));
  const changes = phase === 'Shifting' && waitsOutside ? withoutPods(stopped) : stopped;
  return move(observation, { phase: 'Held', reason: hindrance.reason, message: hindrance.message, changes });
}

/** Pods that come up while it waits would meet users, so it has none and begins its steps anew. */
function withoutPods({ stop, ...stopped }: Partial<ReleaseStatus>): Partial<ReleaseStatus> {
  return { ...stopped, ...(stop === undefined ? {} : { stop: { ...stop, phase: 'Preparing' } }), step: undefined, weight: 0, mirrorPercent: undefined };
}

export const held: PhaseRule = (observation) => {
  const { stop } = observation.release.status ?? {};
  const back = stop?.phase ?? 'Preparing';
  const hindrance = hindranceIn(back, observation);
  const { rollback, judged } = watchWhileStopped(back, observation);
  if (rollback !== undefined) return rollback;
  if (hindrance !== undefined) return keepHolding(observation, hindrance, judged);
  if (observation.turns !== undefined && startsAnew(back, observation)) return awaitTurn(observation, observation.turns);
  return move(observation, { phase: back, reason: 'GoesOn', message: `${whatEnded(stop?.reason)}; the release goes on where it stood` });
};

/** No pod of it has been asked for. */
function startsAnew(back: ReleasePhase, { canary, stable, provenness }: ReleaseObservation): boolean {
  return (back === 'Preparing' || back === 'Evaluating') && canary.replicas === 0 && stable !== undefined && provenness === 'Unproven';
}

/** The end of a freeze, or of what many wait for, is the beginning of many releases at once. Who waits for a moment is not told: it would be a write more for each. */
function awaitTurn(observation: ReleaseObservation, { limit, since }: TakenTurns): ReleaseDecision {
  const { message = '', stop } = observation.release.status ?? {};
  const untilTold = since + turnToldAfterMs - observation.now;
  const told = untilTold > 0 ? message : `${whatEnded(stop?.reason)}; the release waits for its turn, as ${turnSentence(limit)}`;
  return { ...stay(observation, told, {}, untilTold > 0 ? untilTold : turnLookAgainMs), awaits: 'Turn' };
}

/** A person stopped it, and a person lets it go on. */
export const paused: PhaseRule = (observation) => {
  const { release, now, hindrances } = observation;
  const { stop, handledIntent, message = '' } = release.status ?? {};
  const { rollback, judged } = watchWhileStopped(stop?.phase ?? 'Preparing', observation);
  if (rollback !== undefined) return rollback;
  // What an outage does to the counts is not held against the revision when the release goes on.
  const outage = hindrances.find(({ reason }) => reason === 'ProviderOutage')?.reason;
  if (stop !== undefined && isJudged(stop.phase) && stop.reason !== outage) return stay(observation, message, stopClock(release.status ?? {}, { now, reason: outage }), 0);
  const by = handledIntent?.verb === 'Pause' && handledIntent.by !== undefined ? ` by ${handledIntent.by}` : '';
  return stay(observation, `Paused${by}; kubectl sluice resume ${release.spec.agentName} lets it go on`, judged, lookAgainMsOf(observation));
};

function keepHolding(observation: ReleaseObservation, hindrance: Hindrance, judged: ReturnType<typeof examine>['judged']): ReleaseDecision {
  const { release, now, stable, canary } = observation;
  const { stop } = release.status ?? {};
  if (stop !== undefined && stop.reason !== hindrance.reason) {
    const counted = { ...release.status, ...withUnreadyTime(observation, { kind: 'Ready' }) };
    return move(observation, { phase: 'Held', reason: hindrance.reason, message: hindrance.message, changes: { unreadySince: undefined, ...stopClock(counted, { now, reason: hindrance.reason }) } });
  }
  // Before an approval pods have no deadline, held or not.
  const readiness: Readiness = isHeldUnmeasured(observation) && stop?.phase === 'Shifting' && canary.ready === 0 ? { kind: 'Unready', lacks: hindrance.message } : { kind: 'Ready' };
  const late = unreadyTooLong(observation, readiness);
  if (late !== undefined) return rollBack(observation, { reason: 'ProgressDeadlineExceeded', message: late });
  const limit = holdLimitOf(release);
  const overdue = heldFor(release.status ?? {}, now) >= durationMilliseconds(limit);
  // Without pods, or without a stable revision, there is nothing to go back from or to.
  const bounded = isBounded(hindrance.reason) && stop?.phase !== 'Preparing' && stable !== undefined;
  if (overdue && bounded) {
    return rollBack(observation, { reason: 'HoldLimitExceeded', message: `Held for ${limit}: ${hindrance.message}` });
  }
  const nobodyIsServed = stop?.phase === 'Preparing' || stop?.phase === 'Evaluating';
  return stay(observation, hindrance.message, { ...judged, ...withUnreadyTime(observation, readiness) }, hindrance.correction !== undefined && nobodyIsServed ? unmeasuredMs : lookAgainWhile[hindrance.reason]);
}

/** What has traffic is watched also while the release stands. */
function watchWhileStopped(phase: ReleasePhase, observation: ReleaseObservation): Pick<ReturnType<typeof examine>, 'rollback' | 'judged'> {
  return isJudged(phase) && observation.release.status?.stepStartedAt !== undefined ? examine(observation) : { judged: {} };
}

function isJudged(phase: ReleasePhase): boolean {
  return phase === 'Shifting' || phase === 'AwaitingApproval';
}

function whatEnded(reason: HoldReason | undefined): string {
  switch (reason) {
    case 'ProviderOutage':
      return 'The model provider answers again';
    case 'MetricsMissing':
      return 'The pods can be measured again';
    case 'Freeze':
      return 'The freeze is over';
    case 'Dependency':
      return 'What it depends on is promoted';
    case 'Suspended':
      return 'The agent is not suspended any more';
    case 'SpecUnreadable':
      return 'The spec can be read again, and asks for this revision';
    case undefined:
      return 'Nothing is in the way';
  }
}
