import { canaryPods } from '../traffic/revision-pods.ts';
import { actualWeight, type ReplicaRatio, replicaRatio } from './replica-plan.ts';
import type { ReleaseObservation } from './observation.ts';
import type { Position } from './plan.ts';
import { weightOf } from './plan.ts';
import { countOfPods } from './readiness.ts';

/**
 * Whether a step's share of the traffic is there: pods for it are ready, and what divides the traffic follows. `Diluted`: others have more
 * of it than the step leaves them, which is no fault of the new revision.
 */
export type Share = { readonly kind: 'Real' } | { readonly kind: 'Missing' | 'Diluted'; readonly message: string };

export function shareOf(observation: ReleaseObservation, { step }: Position): Share {
  const { canary, traffic } = observation;
  const needed = podsFor(observation, weightOf(step));
  if (canary.ready < needed) return { kind: 'Missing', message: `pods of revision ${canary.revision} are not ready yet` };
  if (traffic.router === 'ReplicaRatio') return ratioShare(observation, ratioOf(observation, weightOf(step)));
  if (traffic.state === 'Refused') return { kind: 'Missing', message: `the Gateway refuses the route: ${traffic.message ?? 'it does not say why'}` };
  const asked = traffic.state === 'Verified' && traffic.actualWeight === weightOf(step) && (traffic.mirrorPercent ?? 0) === (step.mirrorPercent ?? 0);
  return asked ? { kind: 'Real' } : { kind: 'Missing', message: traffic.message ?? 'the Gateway has not taken over the route yet' };
}

/**
 * Not less than the numbers of pods of the step give. More is no reason to wait: where the stable revision lacks pods, the new one serves in
 * their place, and what makes up for them may be what is being released.
 */
function ratioShare({ canary, stable, traffic }: ReleaseObservation, wanted: ReplicaRatio): Share {
  const elsewhere = traffic.readyElsewhere ?? stable?.ready ?? 0;
  if (canary.ready * wanted.stable >= elsewhere * wanted.canary) return { kind: 'Real' };
  const has = actualWeight({ ready: elsewhere }, canary);
  return { kind: 'Diluted', message: `${countOfPods(elsewhere)} of other revisions ${elsewhere === 1 ? 'is' : 'are'} still ready beside ${canary.ready} of revision ${canary.revision}, which has ${has} % of the traffic by that` };
}

/** Ready pods that the new revision needs for `weight` percent. */
export function podsFor(observation: ReleaseObservation, weight: number): number {
  if (observation.traffic.router === 'ReplicaRatio') return ratioOf(observation, weight).canary;
  return canaryPods({ capacity: observation.capacity, weight });
}

function ratioOf({ capacity, scaling, maxReplicas }: ReleaseObservation, weight: number): ReplicaRatio {
  return replicaRatio({ capacity, weight, scaling, maxReplicas });
}
