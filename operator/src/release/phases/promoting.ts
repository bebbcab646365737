import { move, rollBack, stay } from '../decision.ts';
import type { PhaseRule } from '../decision.ts';
import type { ReleaseObservation } from '../observation.ts';
import { countOfPods, lookAgainWhileUnready, unreadyTooLong, withUnreadySince } from '../readiness.ts';
import type { Readiness } from '../readiness.ts';

/**
 * The judged pods get company up to full capacity, then the traffic. No pod is exchanged for an unjudged one. Once it can take everything
 * the revision is the one that serves, and the pods of the old one leave as those of any that does not: as fast as others are ready in their place.
 */
export const promoting: PhaseRule = (observation) => {
  const { canary, capacity, release, traffic } = observation;
  const podsReady = canary.ready >= capacity && canary.progress !== 'CatchingUp';
  const trafficMoved = traffic.router === 'ReplicaRatio' || (traffic.state === 'Verified' && traffic.actualWeight === 100);
  const readiness: Readiness = podsReady && trafficMoved ? { kind: 'Ready' } : { kind: 'Unready', lacks: waitsFor(observation) };
  const late = unreadyTooLong(observation, readiness);
  if (late !== undefined) return rollBack(observation, { reason: traffic.state === 'Refused' ? 'RouteRefused' : 'ProgressDeadlineExceeded', message: late });
  if (readiness.kind === 'Ready') {
    return move(observation, {
      phase: 'Promoted',
      reason: 'Promoted',
      message: `Revision ${release.spec.revision} takes all the traffic with ${countOfPods(canary.ready)}`,
      changes: { weight: 100 },
    });
  }
  return stay(observation, `Promoting revision ${release.spec.revision}: ${waitsFor(observation)}`, withUnreadySince(observation, readiness), lookAgainWhileUnready(observation));
};

function waitsFor({ canary, capacity, traffic }: ReleaseObservation): string {
  const gatewayIsDue = traffic.router === 'Gateway' && canary.ready >= capacity;
  return gatewayIsDue ? (traffic.message ?? 'the Gateway has not moved the traffic yet') : 'not all of its pods are ready yet';
}
