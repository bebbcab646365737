import { durationMilliseconds } from '@sluice/crds';
import type { Release, ReleaseStatus } from '@sluice/crds';
import { isoTime } from '../evidence/clock-time.ts';
import { epochOf } from './decision.ts';
import type { ReleaseObservation, RevisionScale } from './observation.ts';
import { planOf } from './plan.ts';

/** What the new revision still lacks, as the end of a sentence. */
export type Readiness = { readonly kind: 'Ready' } | { readonly kind: 'Unready'; readonly lacks: string };

const defaultDeadline = '5m';
/** How long pods, or a Gateway, may take to follow. */
export function progressDeadlineOf(release: Release): string {
  return planOf(release)?.progressDeadline ?? defaultDeadline;
}

/** Pods and routes tell by themselves when they are ready: between their words only limits of time have to be looked after. Milliseconds. */
const lookAgainMs = 30_000;

/**
 * A sentence when the new revision has lacked ready pods for longer than rollout.progressDeadline, while another revision could serve.
 * Without a stable revision there is nothing to go back to, and waiting (for a Secret, a node) can still succeed.
 */
export function unreadyTooLong(observation: ReleaseObservation, readiness: Readiness): string | undefined {
  const { release, now, stable, canary } = observation;
  if (readiness.kind === 'Ready' || stable === undefined) return undefined;
  const limit = progressDeadlineOf(release);
  if (now - epochOf(release.status?.unreadySince, now) < durationMilliseconds(limit)) return undefined;
  // The pods go with the release, so what they said is kept here.
  return `Pods of revision ${canary.revision} were not ready for ${limit} (${canary.ready} of ${canary.replicas} ready): ${withPodProblem(readiness.lacks, canary)}`;
}

/** Keeps the moment since which pods are missing, so that a restart of the operator does not start the deadline again. */
export function withUnreadySince({ release, now }: ReleaseObservation, readiness: Readiness): Partial<ReleaseStatus> {
  if (readiness.kind === 'Ready') return { unreadySince: undefined };
  return { unreadySince: release.status?.unreadySince ?? isoTime(now) };
}

/** When a release that waits for its pods is due for a look though nothing was seen to change, milliseconds: often enough that no limit is passed unseen. */
export function lookAgainWhileUnready({ release, now }: ReleaseObservation): number {
  const limit = durationMilliseconds(progressDeadlineOf(release));
  const left = epochOf(release.status?.unreadySince, now) + limit - now;
  return left > 0 ? Math.min(lookAgainMs, left) : lookAgainMs;
}

/** `sentence` with what keeps pods of the revision from starting, where that is known. */
export function withPodProblem(sentence: string, { podProblem }: Pick<RevisionScale, 'podProblem'>): string {
  return podProblem === undefined ? sentence : `${sentence}; ${podProblem}`;
}

/** "1 pod", "2 pods" */
export function countOfPods(pods: number): string {
  return `${pods} ${pods === 1 ? 'pod' : 'pods'}`;
}
