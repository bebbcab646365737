import { move, rollBack, stay } from '../decision.ts';
import type { PhaseRule } from '../decision.ts';
import type { ReleaseObservation } from '../observation.ts';
import { unreadyTooLong, withUnreadySince } from '../readiness.ts';

const lookAgainMs = 5_000;

/** The judged pods get company up to full capacity, then the traffic, then the old revision's pods go. No pod is exchanged for an unjudged one. */
export const promoting: PhaseRule = (observation) => {
  const { canary, stable, capacity, release, traffic } = observation;
  const podsReady = canary.ready >= capacity;
  const trafficMoved = traffic.router === 'ReplicaRatio' || (traffic.state === 'Verified' && traffic.actualWeight === 100);
  const readiness = podsReady && trafficMoved ? 'Ready' : 'Unready';
  const late = unreadyTooLong(observation, readiness);
  if (late !== undefined) return rollBack(observation, { reason: traffic.state === 'Refused' ? 'RouteRefused' : 'ProgressDeadlineExceeded', message: `${late}: ${waitsFor(observation)}` });
  const oldPods = stable?.revision === canary.revision ? 0 : (stable?.replicas ?? 0);
  if (readiness === 'Ready' && oldPods === 0) {
    return move(observation, {
      phase: 'Promoted',
      reason: 'Promoted',
      message: `Revision ${release.spec.revision} serves all the traffic with ${canary.ready} pods`,
      changes: { weight: 100 },
    });
  }
  return stay(observation, `Promoting revision ${release.spec.revision}: ${waitsFor(observation)}`, withUnreadySince(observation, readiness), lookAgainMs);
};

function waitsFor({ canary, stable, capacity, traffic }: ReleaseObservation): string {
  if (canary.ready < capacity) return 'not all of its pods are ready yet';
  if (traffic.router === 'Gateway' && (traffic.state !== 'Verified' || traffic.actualWeight < 100)) return traffic.message ?? 'the Gateway has not moved the traffic yet';
  return `the pods of revision ${stable?.revision ?? ''} are leaving`;
}
