import { durationMilliseconds } from '@sluice/crds';
import type { Release, ReleaseStatus } from '@sluice/crds';
import { isoTime } from '../evidence/clock-time.ts';
import { epochOf } from './decision.ts';
import { unmeasuredMs } from './look-again.ts';
import type { ReleaseObservation, RevisionScale } from './observation.ts';
import { planOf } from './plan.ts';

/** What the new revision still lacks, as the end of a sentence. */
export type Readiness = { readonly kind: 'Ready' } | { readonly kind: 'Unready'; readonly lacks: string };

const defaultDeadline = '5m';
/** How long pods, or a Gateway, may take to follow. */
export function progressDeadlineOf(release: Release): string {
  return planOf(release)?.progressDeadline ?? defaultDeadline;
}

/**
 * A sentence when the new revision has lacked ready pods for longer than rollout.progressDeadline, while another revision could serve.
 * Without a stable revision there is nothing to go back to, and waiting (for a Secret, a node) can still succeed. It counts from when its pods
 * were there: what a busy cluster takes to make them would else take back every release that is on its way, good ones with bad ones.
 */
export function unreadyTooLong(observation: ReleaseObservation, readiness: Readiness): string | undefined {
  const { release, stable, canary } = observation;
  if (readiness.kind === 'Ready' || stable === undefined || canary.awaits === 'Controllers') return undefined;
  const limit = progressDeadlineOf(release);
  if (unreadyMs(observation, canary.madeAt) < durationMilliseconds(limit)) return undefined;
  // The pods go with the release, so what they said is kept here.
  const inAll = release.status?.stop?.unreadyMilliseconds === undefined ? '' : ' in all';
  return `Pods of revision ${canary.revision} were not ready for ${limit}${inAll} (${canary.ready} of ${canary.replicas} ready): ${withPodProblem(readiness.lacks, canary)}`;
}

/** Keeps the moment since which pods are missing, so that a restart of the operator does not start the deadline again. */
export function withUnreadySince({ release, now }: ReleaseObservation, readiness: Readiness): Partial<ReleaseStatus> {
  if (readiness.kind === 'Ready') return { unreadySince: undefined };
  return { unreadySince: release.status?.unreadySince ?? isoTime(now) };
}

/**
 * The same while the release is held because nothing can be measured: pods that come and go are not measured in between, so what they are missing for
 * adds up, or each that is ready for a moment would begin the deadline anew.
 */
export function withUnreadyTime(observation: ReleaseObservation, readiness: Readiness): Partial<ReleaseStatus> {
  const { stop, unreadySince } = observation.release.status ?? {};
  if (readiness.kind === 'Unready') return withUnreadySince(observation, readiness);
  if (stop === undefined || unreadySince === undefined) return {};
  return { unreadySince: undefined, stop: { ...stop, unreadyMilliseconds: Math.max(0, unreadyMs(observation, observation.canary.madeAt)) } };
}

/** When a release that waits for its pods is due for a look though nothing was seen to change, milliseconds: often enough that no limit is passed unseen. */
export function lookAgainWhileUnready(observation: ReleaseObservation): number {
  const left = durationMilliseconds(progressDeadlineOf(observation.release)) - unreadyMs(observation, observation.canary.madeAt);
  return left > 0 ? Math.min(unmeasuredMs, left) : unmeasuredMs;
}

/** `sentence`, with who lets it wait, once that has lasted as long as pods may take: said sooner it would be one write more in each release. */
export function withWhomItAwaits(observation: ReleaseObservation, sentence: string): string {
  const limit = progressDeadlineOf(observation.release);
  if (observation.canary.awaits === undefined || unreadyMs(observation) < durationMilliseconds(limit)) return sentence;
  return `${sentence}; for ${limit} the cluster's controllers (Deployments, ReplicaSets, scheduler) have not made, or not counted, all of them, so nothing is known about the revision`;
}

/** How long pods are missing, or since `from` where that is later, milliseconds; with what they were missing for before in the same hold. */
function unreadyMs({ release, now }: ReleaseObservation, from = 0): number {
  return (release.status?.stop?.unreadyMilliseconds ?? 0) + now - Math.max(from, epochOf(release.status?.unreadySince, now));
}

/** `sentence` with what keeps pods of the revision from starting, where that is known. */
export function withPodProblem(sentence: string, { podProblem }: Pick<RevisionScale, 'podProblem'>): string {
  return podProblem === undefined ? sentence : `${sentence}; ${podProblem}`;
}

/** "1 pod", "2 pods" */
export function countOfPods(pods: number): string {
  return `${pods} ${pods === 1 ? 'pod' : 'pods'}`;
}
