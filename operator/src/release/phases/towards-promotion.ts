import type { ReleaseStatus } from '@sluice/crds';
import { isoTime } from '../../evidence/clock-time.ts';
import { move } from '../decision.ts';
import type { ReleaseDecision } from '../decision.ts';
import type { ReleaseObservation } from '../observation.ts';
import { approvalOf } from '../plan.ts';

export interface Passed {
  /** What was shown on the way, as the beginning of a sentence. */
  readonly passed: string;
  readonly reason: 'AllStepsPassed' | 'NoSteps' | 'Inconclusive';
  readonly changes?: Partial<ReleaseStatus>;
}

/** Where a revision goes that has shown all that was asked: to a person where one must agree, else to all the traffic. */
export function towardsPromotion(observation: ReleaseObservation, { passed, reason, changes = {} }: Passed): ReleaseDecision {
  const { release, now } = observation;
  const { revision } = release.spec;
  const approval = approvalOf(release);
  if (approval !== undefined) {
    return move(observation, {
      phase: 'AwaitingApproval',
      reason: 'ApprovalRequired',
      message: `${passed}. Somebody must agree within ${approval.timeout} that revision ${revision} takes all the traffic`,
      changes: { ...changes, approval: { requestedAt: isoTime(now), cause: 'Required' }, mirrorPercent: undefined },
    });
  }
  return move(observation, {
    phase: 'Promoting',
    reason,
    message: `${passed}. Revision ${revision} takes all the traffic`,
    changes: { ...changes, weight: 100, mirrorPercent: undefined },
  });
}
