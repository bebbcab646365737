import type { Pod } from '@sluice/kube';
import type { PodTarget } from '../../evidence/index.ts';
import { revisionOf } from '../../children/labels.ts';
import { isPodReady } from '../../children/pod-ready.ts';
import { httpPort } from '../../revision/index.ts';
import type { StandingPods } from '../observation.ts';

/** Pods that were not told to end and have not ended. From the moment it is told to, a pod gets no new requests. */
export function standingPods(pods: readonly Pod[]): StandingPods {
  const standing = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined && !hasEnded(pod));
  return { pods: standing.length, ready: standing.filter(isPodReady).length };
}

/** Pods that belong to no revision are left out. */
export function podsByRevision(pods: readonly Pod[]): ReadonlyMap<string, Pod[]> {
  return Map.groupBy(pods.filter((pod) => revisionOf(pod) !== undefined), (pod) => revisionOf(pod) ?? '');
}

/** Of the revisions that have any. */
export function standingByRevision(pods: ReadonlyMap<string, readonly Pod[]>): ReadonlyMap<string, StandingPods> {
  return new Map([...pods].map(([revision, found]) => [revision, standingPods(found)] as const).filter(([, found]) => found.pods > 0));
}

/** None of its containers runs, or ever will. */
export function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** Pods whose metrics count: those that run and have an address, also while they drain, because their last requests count as well. */
export function scrapeTargets(pods: readonly Pod[]): PodTarget[] {
  return pods.flatMap((pod) => {
    const { podIP, startTime, phase } = pod.status ?? {};
    const started = pod.status?.containerStatuses?.some((container) => container.started === true);
    if (phase !== 'Running' || podIP === undefined || startTime === undefined || started !== true || pod.metadata.uid === undefined) return [];
    const state = pod.metadata.deletionTimestamp === undefined ? 'Serving' : 'Leaving';
    return [{ uid: pod.metadata.uid, name: pod.metadata.name, namespace: pod.metadata.namespace ?? '', ip: podIP, port: httpPort, startedAt: Date.parse(startTime), state }];
  });
}
