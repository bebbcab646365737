import type { ContainerStatus, Pod } from '@sluice/kube';
import { pods } from '@sluice/kube';
import { revisionLabel } from '../../children/index.ts';
import { isoTime } from '../../evidence/clock-time.ts';
import type { World } from './world.ts';

/** Pods of a revision. */
export function podsOf(world: World, revision: string): readonly Pod[] {
  return (world.cluster.list('Pod') as Pod[]).filter(({ metadata }) => metadata.labels?.[revisionLabel] === revision);
}

/** The container of each of these pods ends by itself and is started again, or waits for that. */
export function crash(world: World, these: readonly Pod[], then: 'Runs' | 'BackOff' = 'Runs'): void {
  for (const pod of these) {
    const [container] = pod.status?.containerStatuses ?? [];
    if (container === undefined) throw new Error(`pod ${pod.metadata.name} has no container`);
    world.cluster.put(pods, { ...pod, status: { ...pod.status, containerStatuses: [{ ...container, ...afterCrash(container, then) }] } });
  }
}

/** The pods are deleted and have half a minute to end. */
export function stop(world: World, these: readonly Pod[]): void {
  for (const pod of these) world.cluster.put(pods, { ...pod, metadata: { ...pod.metadata, deletionTimestamp: isoTime(world.now + 30_000), deletionGracePeriodSeconds: 30 } });
}

/** The pods go, and others with the same names come in their place. */
export function replace(world: World, these: readonly Pod[], generation: string): void {
  for (const pod of these) {
    const containerStatuses = (pod.status?.containerStatuses ?? []).map((container) => ({ ...container, restartCount: 0, lastState: {} }));
    const { deletionTimestamp: _stopped, deletionGracePeriodSeconds: _grace, ...metadata } = pod.metadata;
    world.cluster.put(pods, { ...pod, metadata: { ...metadata, uid: `${pod.metadata.name}-${generation}` }, status: { ...pod.status, startTime: isoTime(world.now), containerStatuses } });
  }
}

function afterCrash({ restartCount }: ContainerStatus, then: 'Runs' | 'BackOff'): Partial<ContainerStatus> {
  const lastState = { terminated: { exitCode: 1, reason: 'Error' } };
  return then === 'Runs' ? { restartCount: restartCount + 1, ready: true, state: { running: {} }, lastState } : { restartCount, ready: false, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState };
}
