import { durationMilliseconds } from '@sluice/crds';
import { epochOf, move, rollBack, stay } from '../decision.ts';
import type { PhaseRule, ReleaseDecision } from '../decision.ts';
import { unmeasuredMs } from '../look-again.ts';
import type { Hindrance, ReleaseObservation } from '../observation.ts';
import { holdLimitOf } from '../plan.ts';
import { countOfPods, lookAgainWhileUnready, unreadyTooLong, withUnreadySince, withWhomItAwaits } from '../readiness.ts';
import type { Readiness } from '../readiness.ts';

/**
 * The judged pods get company up to full capacity, then the traffic. No pod is exchanged for an unjudged one. Once it can take everything
 * the revision is the one that serves, and the pods of the old one leave as those of any that does not: as fast as others are ready in their place.
 */
export const promoting: PhaseRule = (observation) => {
  const { canary, capacity, release, traffic } = observation;
  const podsReady = canary.ready >= capacity && canary.progress !== 'CatchingUp';
  const trafficMoved = traffic.router === 'ReplicaRatio' || (traffic.state === 'Verified' && traffic.actualWeight === 100);
  const readiness: Readiness = podsReady && trafficMoved ? { kind: 'Ready' } : { kind: 'Unready', lacks: withWhomItAwaits(observation, waitsFor(observation)) };
  const late = unreadyTooLong(observation, readiness);
  if (late !== undefined) return rollBack(observation, { reason: traffic.state === 'Refused' ? 'RouteRefused' : 'ProgressDeadlineExceeded', message: late });
  const unasked = readiness.kind === 'Ready' ? askedForNoMore(observation) : undefined;
  if (unasked !== undefined) return stand(observation, unasked);
  if (readiness.kind === 'Ready') {
    return move(observation, {
      phase: 'Promoted',
      reason: 'Promoted',
      message: `Revision ${release.spec.revision} takes all the traffic with ${countOfPods(canary.ready)}`,
      changes: { weight: 100 },
    });
  }
  return stay(observation, `Promoting revision ${release.spec.revision}: ${withWhomItAwaits(observation, waitsFor(observation))}`, withUnreadySince(observation, readiness), lookAgainWhileUnready(observation));
};

/**
 * Somebody may have turned away from the revision, and nobody can tell. What is gone back to is none the worse for it, and whoever asked for all the
 * traffic by the name of the revision meant this one.
 */
function askedForNoMore({ hindrances, provenness, release }: ReleaseObservation): Hindrance | undefined {
  const { reason } = release.status?.transitions?.find(({ phase }) => phase === 'Promoting') ?? {};
  if (provenness === 'Promoted' || reason === 'PromotedInFull') return undefined;
  return hindrances.find((hindrance) => hindrance.reason === 'SpecUnreadable');
}

/** It keeps the traffic that it was given, and its pods are watched on: a stop would take them their deadline. How long it stands begins with the first look of it, not with the wait for its pods. */
function stand(observation: ReleaseObservation, { reason, message }: Hindrance): ReleaseDecision {
  const { release, now, stable } = observation;
  if (release.status?.reason !== reason) return move(observation, { phase: 'Promoting', reason, message });
  const limit = holdLimitOf(release);
  const overdue = now - epochOf(release.status.phaseStartedAt, now) >= durationMilliseconds(limit);
  if (overdue && stable !== undefined) return rollBack(observation, { reason: 'HoldLimitExceeded', message: `Not promoted within ${limit}: ${message}` });
  return stay(observation, message, { unreadySince: undefined }, unmeasuredMs);
}

function waitsFor({ canary, capacity, traffic }: ReleaseObservation): string {
  const gatewayIsDue = traffic.router === 'Gateway' && canary.ready >= capacity;
  return gatewayIsDue ? (traffic.message ?? 'the Gateway has not moved the traffic yet') : 'not all of its pods are ready yet';
}
