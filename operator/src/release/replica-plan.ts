import type { RevisionScale } from './observation.ts';

/** Pods per revision that give the new revision `weight` percent of the traffic where the ratio of pods is the ratio of traffic. */
export interface ReplicaRatio {
  readonly stable: number;
  readonly canary: number;
}

export interface RatioRequest {
  /** Pods that all the traffic needs, >= 0. */
  readonly capacity: number;
  /** Percent for the new revision, 0 to 100. */
  readonly weight: number;
  /** `Autoscaled`: the stable pods belong to an HPA and are only given up when the new revision has everything. */
  readonly scaling: 'Fixed' | 'Autoscaled';
  /** Bound of the new revision's pods when autoscaled. */
  readonly maxReplicas: number;
}

/**
 * The wanted ratio. There are never fewer than `capacity` pods in all, and up to a weight of 50 the stable revision keeps all of
 * its pods, so that a rollback from there needs no scale-up. A revision with a weight between 1 and 99 has at least one pod.
 */
export function replicaRatio({ capacity, weight, scaling, maxReplicas }: RatioRequest): ReplicaRatio {
  if (capacity === 0) return { stable: 0, canary: 0 };
  if (weight <= 0) return { stable: capacity, canary: 0 };
  if (weight >= 100) return { stable: 0, canary: capacity };
  const beside = Math.max(1, Math.round((capacity * weight) / (100 - weight)));
  if (scaling === 'Autoscaled') return { stable: capacity, canary: Math.min(beside, Math.max(1, maxReplicas)) };
  if (weight <= 50) return { stable: capacity, canary: Math.min(beside, capacity) };
  return { stable: Math.max(1, Math.min(capacity, Math.round((capacity * (100 - weight)) / weight))), canary: capacity };
}

/** Percent of the traffic that the canary really takes, by ready pods; 0 when nothing is ready. */
export function actualWeight(stable: { readonly ready: number }, canary: { readonly ready: number }): number {
  const ready = stable.ready + canary.ready;
  return ready === 0 ? 0 : Math.round((canary.ready / ready) * 100);
}

export interface ScalePlan {
  readonly stable: number;
  readonly canary: number;
  /** By revision: those that neither serve nor are being released. */
  readonly retiring: ReadonlyMap<string, number>;
}

export interface ScaleObservation extends RatioRequest {
  readonly stable?: RevisionScale;
  readonly canary?: RevisionScale;
  readonly retiring: readonly RevisionScale[];
}

/**
 * The next number of pods for each revision. Growing is immediate; shrinking follows the pods that are ready elsewhere, one for one,
 * so that at no moment fewer than `capacity` pods are asked to serve: traffic leaves a revision only as fast as another can take it.
 * When the others have nothing ready, nothing shrinks, which keeps traffic on whichever revision still works.
 */
export function planScale(observation: ScaleObservation): ScalePlan {
  const { capacity, stable, canary } = observation;
  const wanted = wantedRatio(observation);
  const stableReady = confirmed(stable);
  const canaryReady = confirmed(canary);
  const retiring = new Map<string, number>();
  let elsewhere = stableReady + canaryReady;
  // Those with the most ready pods stay first; pods that are not ready serve nobody.
  for (const old of observation.retiring.toSorted((left, right) => confirmed(right) - confirmed(left))) {
    const kept = shrinkTo(0, old.replicas, capacity - elsewhere);
    retiring.set(old.revision, kept);
    elsewhere += Math.min(kept, confirmed(old));
  }
  return {
    stable: shrinkTo(wanted.stable, stable?.replicas ?? 0, capacity - canaryReady),
    canary: shrinkTo(wanted.canary, canary?.replicas ?? 0, capacity - stableReady),
    retiring,
  };
}

/** Ready pods that can be relied on while others are taken away: none while the Deployment has not caught up with its spec. */
function confirmed(scale: RevisionScale | undefined): number {
  return scale === undefined || scale.progress === 'CatchingUp' ? 0 : scale.ready;
}

function wantedRatio(observation: ScaleObservation): ReplicaRatio {
  if (observation.stable === undefined) return { stable: 0, canary: observation.canary === undefined ? 0 : wholeOrNone(observation) };
  if (observation.canary === undefined) return { stable: observation.capacity, canary: 0 };
  return replicaRatio(observation);
}

/** Without a stable revision there is no ratio: the new one has all the pods, or none while it is being proved. */
function wholeOrNone({ weight, capacity }: RatioRequest): number {
  return weight > 0 ? capacity : 0;
}

/** `wanted` when that is growth; otherwise what must stay (`needed`), within wanted and current. */
function shrinkTo(wanted: number, current: number, needed: number): number {
  if (wanted >= current) return wanted;
  return Math.max(wanted, Math.min(current, needed));
}
