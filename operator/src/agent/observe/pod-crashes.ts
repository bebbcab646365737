import type { ContainerStatus, Pod } from '@sluice/kube';
import type { WatchedPod } from '../../release/observation.ts';

/** A pod with how often its containers have crashed; none without a uid, by which it is told from its successor. */
export function watchedPods(pods: readonly Pod[]): WatchedPod[] {
  return pods.flatMap((pod) => {
    const { uid } = pod.metadata;
    if (uid === undefined) return [];
    const startedAt = Date.parse(pod.status?.startTime ?? '');
    return [{ uid, crashes: crashesOf(pod), state: stateOf(pod), ...(Number.isNaN(startedAt) ? {} : { startedAt }) }];
  });
}

/**
 * Times that a container of the pod has ended by itself. Never falls while the pod lives: the end that a container waits after is counted
 * before its restart is. How a container ends when its pod is stopped says nothing, unless it ran out of memory.
 */
function crashesOf(pod: Pod): number {
  const stoppedAt = stopOf(pod);
  return containersOf(pod).reduce((sum, container) => sum + container.restartCount + (hasCrashed(container, stoppedAt) ? 1 : 0), 0);
}

function hasCrashed({ state, lastState }: ContainerStatus, stoppedAt: number | undefined): boolean {
  if (state?.running !== undefined) return false;
  const ended = state?.terminated ?? lastState?.terminated;
  if (ended === undefined || stoppedAt === undefined) return ended !== undefined;
  return ended.reason === 'OOMKilled' || Date.parse(ended.finishedAt ?? '') < stoppedAt;
}

function stateOf(pod: Pod): WatchedPod['state'] {
  if (stopOf(pod) !== undefined) return 'Leaving';
  const containers = containersOf(pod);
  if (containers.some(({ state }) => state?.waiting?.reason === 'CrashLoopBackOff')) return 'CrashLoop';
  return containers.length > 0 && containers.every(({ ready, state }) => ready || state?.running !== undefined) ? 'Up' : 'Down';
}

/** Epoch milliseconds from which on it is stopped from outside, -Infinity where that is not known; undefined while it is to run. */
function stopOf({ metadata, status }: Pod): number | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  // The time in the metadata is that by which it must be gone.
  if (deletionTimestamp !== undefined && deletionGracePeriodSeconds !== undefined) return Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1_000;
  const evicted = status?.phase === 'Failed' || status?.conditions?.some(({ type, status: holds }) => type === 'DisruptionTarget' && holds === 'True') === true;
  return deletionTimestamp !== undefined || evicted ? -Infinity : undefined;
}

function containersOf({ status }: Pod): readonly ContainerStatus[] {
  return status?.containerStatuses ?? [];
}
