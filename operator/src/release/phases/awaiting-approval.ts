import { durationMilliseconds } from '@sluice/crds';
import { isoTime } from '../../evidence/clock-time.ts';
import { epochOf, move, rollBack, stay } from '../decision.ts';
import type { PhaseRule, ReleaseDecision } from '../decision.ts';
import { lookAgainMsOf } from '../look-again.ts';
import type { ReleaseObservation } from '../observation.ts';
import { approvalOf, holdLimitOf, planOf } from '../plan.ts';
import { examine } from '../safety.ts';
import type { Findings } from '../safety.ts';
import { towardsPromotion } from './towards-promotion.ts';

const defaultTimeout = '24h';

/** A person is asked. The weight of the last step stays, what fails is still rolled back, and the answer has a deadline. */
export const awaitingApproval: PhaseRule = (observation) => {
  const { release, now } = observation;
  const findings = examine(observation);
  const { rollback, judged } = findings;
  if (rollback !== undefined) return rollback;
  if (release.status?.approval?.cause === 'Inconclusive') return inconclusive(observation, findings);
  const approval = approvalOf(release);
  if (approval === undefined) return notRequired(observation, judged);
  const limit = approval.timeout ?? defaultTimeout;
  const requestedAt = epochOf(release.status?.approval?.requestedAt, now);
  const endsAt = requestedAt + durationMilliseconds(limit);
  if (now >= endsAt) return timedOut(observation, limit);
  const then = approval.onTimeout === 'Promote' ? 'it is promoted' : 'it is rolled back';
  const message = `Waits for somebody to agree that it takes all the traffic (kubectl sluice promote ${release.spec.agentName}); without an answer until ${isoTime(endsAt)} ${then}`;
  return stay(observation, message, judged, Math.min(lookAgainMsOf(observation), endsAt - now));
};

/** The time was up before the gates could decide. What they can decide now needs nobody any more, nor does what the rollout by now says of an open question. */
function inconclusive(observation: ReleaseObservation, { judged, judgement }: Pick<Findings, 'judged' | 'judgement'>): ReleaseDecision {
  const { release, now } = observation;
  if (judgement?.verdict === 'Promote' && (judgement.reason === 'NotWorse' || judgement.reason === 'DeadlineTest')) {
    return towardsPromotion(observation, { passed: `Decided after all: ${judgement.sentence}`, reason: 'AllStepsPassed', changes: judged });
  }
  if (judgement?.verdict === 'Promote' && planOf(release)?.onInconclusive === 'Promote') {
    return towardsPromotion(observation, { passed: `The rollout says by now that what is not decided in time is promoted: ${judgement.sentence}`, reason: 'Inconclusive', changes: judged });
  }
  if (judgement?.verdict === 'Rollback') {
    return rollBack(observation, { reason: 'MaxDurationExceeded', message: `The rollout says by now that what is not decided in time is rolled back: ${judgement.sentence}`, changes: judged });
  }
  const limit = holdLimitOf(release);
  const endsAt = epochOf(release.status?.approval?.requestedAt, now) + durationMilliseconds(limit);
  if (now < endsAt) return stay(observation, release.status?.message ?? '', judged, Math.min(lookAgainMsOf(observation), endsAt - now));
  return rollBack(observation, { reason: 'Inconclusive', message: `The objectives could not decide within ${planOf(release)?.maxDuration ?? ''}, and nobody did within ${limit}`, changes: judged });
}

function notRequired(observation: ReleaseObservation, judged: Findings['judged']): ReleaseDecision {
  return move(observation, { phase: 'Promoting', reason: 'ApprovalNotRequired', message: 'The spec does not ask for an approval any more', changes: { ...judged, weight: 100 } });
}

function timedOut(observation: ReleaseObservation, limit: string): ReleaseDecision {
  const { release, now } = observation;
  const approval = { requestedAt: release.status?.approval?.requestedAt ?? isoTime(now), decidedAt: isoTime(now), decision: 'TimedOut' as const };
  if (approvalOf(release)?.onTimeout !== 'Promote') {
    return rollBack(observation, { reason: 'ApprovalTimedOut', message: `Nobody agreed within ${limit}`, changes: { approval } });
  }
  return move(observation, {
    phase: 'Promoting',
    reason: 'ApprovalTimedOut',
    message: `Nobody answered within ${limit}, and the rollout says that it is promoted then`,
    changes: { weight: 100, approval },
  });
}
