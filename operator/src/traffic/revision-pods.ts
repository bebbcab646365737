import type { RevisionScale } from '../release/observation.ts';

/** Ready pods that can be relied on while others are taken away: none while the Deployment has not caught up with its spec. */
export function confirmedPods(scale: RevisionScale | undefined): number {
  return scale === undefined || scale.progress === 'CatchingUp' ? 0 : scale.ready;
}

/** Pods that a share of the traffic needs behind a Gateway; `weight` in percent. A revision with any weight has at least one. */
export function podsFor(weight: number, capacity: number): number {
  if (weight <= 0 || capacity <= 0) return 0;
  return Math.max(1, Math.ceil((capacity * weight) / 100));
}

/** Percent of the traffic that so many ready pods can take, 0 to 100. */
export function weightFor(pods: number, capacity: number): number {
  return capacity <= 0 ? 100 : Math.min(100, Math.floor((pods * 100) / capacity));
}

export interface CanaryRequest {
  /** Pods that all the traffic needs. */
  readonly capacity: number;
  /** Percent of the traffic, 0 to 100. */
  readonly weight: number;
  /** Percent of the requests that are copied to it. */
  readonly mirrorPercent?: number | undefined;
}

/** Pods that the new revision needs behind a Gateway for its share of the requests or of their copies; at least one. */
export function canaryPods({ capacity, weight, mirrorPercent = 0 }: CanaryRequest): number {
  return capacity <= 0 ? 0 : Math.max(1, podsFor(weight, capacity), podsFor(mirrorPercent, capacity));
}
