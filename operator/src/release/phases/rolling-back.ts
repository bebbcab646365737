import { move, stay } from '../decision.ts';
import type { PhaseRule } from '../decision.ts';

const lookAgainMs = 5_000;

/** Pods of the failed revision go as fast as stable pods are ready to take their traffic (planScale); then the verdict is final. */
export const rollingBack: PhaseRule = (observation) => {
  const { canary, stable, release } = observation;
  const why = release.status?.reason ?? 'Failed';
  const cause = causeOf(release.status?.transitions);
  if (canary.replicas === 0) {
    const serves = stable === undefined ? 'no revision serves' : `revision ${stable.revision} serves all the traffic`;
    return move(observation, { phase: 'RolledBack', reason: why, message: `${cause}; ${serves}` });
  }
  return stay(observation, `${cause}; ${canary.replicas} pods of it are left`, {}, lookAgainMs);
};

/** The sentence with which the rollback began; the status message changes while it runs. */
function causeOf(transitions: readonly { phase: string; message: string }[] | undefined): string {
  const begun = transitions?.findLast((transition) => transition.phase === 'RollingBack');
  return (begun?.message ?? 'The release failed').replace(/^Rolling back: /, 'Rolled back: ');
}
