import { move, stay } from '../decision.ts';
import type { PhaseRule } from '../decision.ts';
import type { ReleaseObservation } from '../observation.ts';

const lookAgainMs = 5_000;

/** Traffic leaves the failed revision as fast as stable pods are ready to take it, and then its pods go. */
export const rollingBack: PhaseRule = (observation) => {
  const { release } = observation;
  const why = release.status?.reason ?? 'Failed';
  const cause = causeOf(release.status?.transitions);
  const outcome = outcomeOf(observation);
  if (outcome === undefined) return stay(observation, `${cause}; its pods are leaving`, {}, lookAgainMs);
  return move(observation, { phase: why === 'Aborted' ? 'Aborted' : 'RolledBack', reason: why, message: `${cause}; ${outcome}` });
};

/**
 * What the rollback has come to, as the end of a sentence; undefined while it goes on. It ends too where there is nothing to go back to, and
 * where what it goes back to has died and the spec asks for another revision: the pods that are left serve until that one has its own.
 */
function outcomeOf({ canary, stable, superseded }: ReleaseObservation): string | undefined {
  const left = canary.replicas === 0 ? '' : ', and its pods stay until another has taken their place';
  if (stable === undefined) return `no other revision serves${left}`;
  if (stable.revision === canary.revision) return 'it serves all the traffic, as before';
  if (canary.replicas === 0) return `revision ${stable.revision} serves all the traffic`;
  if (superseded !== undefined && stable.ready === 0) return `no pod of revision ${stable.revision} is ready, and the spec asks for revision ${superseded.revision}${left}`;
  return undefined;
}

/** The sentence with which the rollback began; the status message changes while it runs. */
function causeOf(transitions: readonly { phase: string; message: string }[] | undefined): string {
  const begun = transitions?.findLast((transition) => transition.phase === 'RollingBack');
  return (begun?.message ?? 'The release failed').replace(/^Rolling back: /, 'Rolled back: ');
}
