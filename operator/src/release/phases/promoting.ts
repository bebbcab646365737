import { move, stay } from '../decision.ts';
import type { PhaseRule } from '../decision.ts';
import { unreadyTooLong, withUnreadySince } from '../readiness.ts';

const lookAgainMs = 5_000;

/** The judged pods get company up to full capacity, then the old revision's pods go. No pod is exchanged for an unjudged one. */
export const promoting: PhaseRule = (observation) => {
  const { canary, stable, capacity, release } = observation;
  const readiness = canary.ready >= capacity ? 'Ready' : 'Unready';
  const late = unreadyTooLong(observation, readiness);
  if (late !== undefined) {
    return move(observation, { phase: 'RollingBack', reason: 'ProgressDeadlineExceeded', message: late, changes: { weight: 0 } });
  }
  const oldPods = stable?.replicas ?? 0;
  if (readiness === 'Ready' && oldPods === 0) {
    return move(observation, {
      phase: 'Promoted',
      reason: 'Promoted',
      message: `Revision ${release.spec.revision} serves all the traffic with ${canary.ready} pods`,
      changes: { weight: 100 },
    });
  }
  const waiting = readiness === 'Ready' ? `${oldPods} pods of ${stable?.revision ?? 'the old revision'} are leaving` : `${canary.ready} of ${capacity} pods are ready`;
  return stay(observation, `Promoting revision ${release.spec.revision}: ${waiting}`, withUnreadySince(observation, readiness), lookAgainMs);
};
