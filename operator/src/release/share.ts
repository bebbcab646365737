import { canaryPods } from '../traffic/revision-pods.ts';
import { replicaRatio } from './replica-plan.ts';
import type { ReleaseObservation } from './observation.ts';
import type { Position } from './plan.ts';
import { weightOf } from './plan.ts';

/** Whether a step's share of the traffic is there: pods for it are ready, and what divides the traffic follows. */
export type Share = { readonly kind: 'Real' } | { readonly kind: 'Missing'; readonly message: string };

export function shareOf(observation: ReleaseObservation, { step }: Position): Share {
  const { canary, traffic } = observation;
  const needed = podsFor(observation, weightOf(step));
  if (canary.ready < needed) return { kind: 'Missing', message: `pods of revision ${canary.revision} are not ready yet` };
  if (traffic.router === 'ReplicaRatio') return { kind: 'Real' };
  if (traffic.state === 'Refused') return { kind: 'Missing', message: `the Gateway refuses the route: ${traffic.message ?? 'it does not say why'}` };
  const asked = traffic.state === 'Verified' && traffic.actualWeight === weightOf(step) && (traffic.mirrorPercent ?? 0) === (step.mirrorPercent ?? 0);
  return asked ? { kind: 'Real' } : { kind: 'Missing', message: traffic.message ?? 'the Gateway has not taken over the route yet' };
}

/** Ready pods that the new revision needs for `weight` percent. */
export function podsFor({ traffic, capacity, scaling, maxReplicas }: ReleaseObservation, weight: number): number {
  if (traffic.router === 'ReplicaRatio') return replicaRatio({ capacity, weight, scaling, maxReplicas }).canary;
  return canaryPods({ capacity, weight });
}
