import { move, stay } from '../decision.ts';
import type { PhaseRule } from '../decision.ts';
import { unmeasuredMs } from '../look-again.ts';
import type { ReleaseObservation, RevisionScale } from '../observation.ts';
import { countOfPods } from '../readiness.ts';

/** Traffic leaves the failed revision as fast as stable pods are ready to take it, and then its pods go. */
export const rollingBack: PhaseRule = (observation) => {
  const { release } = observation;
  const why = release.status?.reason ?? 'Failed';
  const cause = causeOf(release.status?.transitions);
  const outcome = why === 'Aborted' && observation.stable === undefined ? 'no other revision serves, and its pods leave' : outcomeOf(observation);
  if (outcome === undefined) return stay(observation, `${cause}; ${lacks(observation)}`, {}, unmeasuredMs);
  return move(observation, { phase: why === 'Aborted' ? 'Aborted' : 'RolledBack', reason: why, message: `${cause}; ${outcome}` });
};

/**
 * What the rollback has come to, as the end of a sentence; undefined while it goes on. It ends too where there is nothing to go back to, and
 * where what it goes back to has died and the spec asks for another revision: the pods that are left serve until that one has its own.
 */
function outcomeOf({ canary, stable, superseded }: ReleaseObservation): string | undefined {
  const left = hasLeft(canary) ? '' : ', and its pods stay until another has taken their place';
  if (stable === undefined) return `no other revision serves${left}`;
  if (stable.revision === canary.revision) return 'it serves all the traffic, as before';
  if (hasLeft(canary)) return `revision ${stable.revision} serves all the traffic`;
  if (superseded === undefined) return undefined;
  if (stable.ready === 0) return `no pod of revision ${stable.revision} is ready, and the spec asks for revision ${superseded.revision}${left}`;
  // Pods that nobody ends, such as those whose Deployment was deleted without them, keep back no other revision.
  return canary.replicas === 0 && canary.progress !== 'CatchingUp' ? `the spec asks for revision ${superseded.revision}; ${countOfPods(canary.standing ?? 0)} of it still answer` : undefined;
}

/** As long as its controller has not heard that there shall be none, and the pods that they shall end, they answer requests. */
function hasLeft({ replicas, progress, standing = 0 }: RevisionScale): boolean {
  return replicas === 0 && progress !== 'CatchingUp' && standing === 0;
}

/** Pods leave after a route that does not name them is in force. */
function lacks({ traffic, canary }: ReleaseObservation): string {
  if (traffic.router === 'ReplicaRatio' || traffic.state === 'Verified') return 'its pods are leaving';
  const share = traffic.actualWeight > 0 ? `revision ${canary.revision} still has ${traffic.actualWeight} % of the requests, as far as is known` : 'its pods stay until that is done';
  return `${share}. ${traffic.message ?? 'The Gateway has not said yet that it follows'}`;
}

/** The sentence with which the rollback began; the status message changes while it runs. */
function causeOf(transitions: readonly { phase: string; message: string }[] | undefined): string {
  const begun = transitions?.findLast((transition) => transition.phase === 'RollingBack');
  return (begun?.message ?? 'The release failed').replace(/^Rolling back: /, 'Rolled back: ');
}
