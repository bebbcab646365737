import { move, stay } from '../decision.ts';
import type { PhaseRule } from '../decision.ts';

const lookAgainMs = 5_000;

/** Traffic leaves the failed revision as fast as stable pods are ready to take it, and then its pods go. */
export const rollingBack: PhaseRule = (observation) => {
  const { canary, stable, release } = observation;
  const why = release.status?.reason ?? 'Failed';
  const cause = causeOf(release.status?.transitions);
  if (canary.replicas === 0) {
    const serves = stable === undefined ? 'no revision serves' : `revision ${stable.revision} serves all the traffic`;
    return move(observation, { phase: why === 'Aborted' ? 'Aborted' : 'RolledBack', reason: why, message: `${cause}; ${serves}` });
  }
  return stay(observation, `${cause}; its pods are leaving`, {}, lookAgainMs);
};

/** The sentence with which the rollback began; the status message changes while it runs. */
function causeOf(transitions: readonly { phase: string; message: string }[] | undefined): string {
  const begun = transitions?.findLast((transition) => transition.phase === 'RollingBack');
  return (begun?.message ?? 'The release failed').replace(/^Rolling back: /, 'Rolled back: ');
}
