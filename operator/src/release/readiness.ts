import { durationMilliseconds } from '@sluice/crds';
import type { ReleaseStatus } from '@sluice/crds';
import { isoTime } from '../evidence/clock-time.ts';
import { epochOf } from './decision.ts';
import type { ReleaseObservation } from './observation.ts';
import { planOf } from './plan.ts';

export type Readiness = 'Ready' | 'Unready';

const defaultDeadline = '5m';

/**
 * A sentence when the new revision has lacked ready pods for longer than rollout.progressDeadline, while another revision could serve.
 * Without a stable revision there is nothing to go back to, and waiting (for a Secret, a node) can still succeed.
 */
export function unreadyTooLong(observation: ReleaseObservation, readiness: Readiness): string | undefined {
  const { release, now, stable, canary } = observation;
  if (readiness === 'Ready' || stable === undefined) return undefined;
  const limit = planOf(release)?.progressDeadline ?? defaultDeadline;
  if (now - epochOf(release.status?.unreadySince, now) < durationMilliseconds(limit)) return undefined;
  return `Pods of revision ${canary.revision} were not ready for ${limit} (${canary.ready} of ${canary.replicas} ready)`;
}

/** Keeps the moment since which pods are missing, so that a restart of the operator does not start the deadline again. */
export function withUnreadySince({ release, now }: ReleaseObservation, readiness: Readiness): Partial<ReleaseStatus> {
  if (readiness === 'Ready') return { unreadySince: undefined };
  return { unreadySince: release.status?.unreadySince ?? isoTime(now) };
}
