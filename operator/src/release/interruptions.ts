import { durationMilliseconds, rollout as rolloutSchema } from '@sluice/crds';
import type { ReleaseStatus } from '@sluice/crds';
import { canonicalJson } from '../revision/digest.ts';
import { move, rollBack, stay } from './decision.ts';
import type { Interruption, ReleaseDecision } from './decision.ts';
import type { ReleaseObservation } from './observation.ts';
import { enterStep, isSameShare, planOf, positionOf, positionUnder, shareSentence } from './plan.ts';
import { hold } from './phases/stopped.ts';
import { activeMilliseconds } from './stopped-clock.ts';
import { towardsPromotion } from './phases/towards-promotion.ts';

/** What ends, stops or changes a release from any phase in which its revision is still on its way; the first that applies wins. */
export const interruptions: readonly Interruption[] = [superseded, vetoed, planEdited, overdue, held];

function superseded(observation: ReleaseObservation): ReleaseDecision | undefined {
  if (observation.superseded === undefined) return undefined;
  const { revision, reason } = observation.superseded;
  const asked = reason === 'PlanChanged' ? 'asks for other evaluations' : `asks for revision ${revision}`;
  return move(observation, {
    phase: 'Superseded',
    reason,
    message: `The spec now ${asked}; this release ends without a verdict`,
    changes: { weight: 0, mirrorPercent: undefined },
  });
}

function vetoed(observation: ReleaseObservation): ReleaseDecision | undefined {
  return observation.veto === undefined ? undefined : rollBack(observation, observation.veto);
}

/** Edited steps take effect at once, from the weight that the release has reached; nothing begins again. */
function planEdited(observation: ReleaseObservation): ReleaseDecision | undefined {
  const { release, rollout } = observation;
  if (canonicalJson(planOf(release) ?? {}) === canonicalJson(rollout ?? {})) return undefined;
  const status = withPlan(observation);
  const edited: ReleaseObservation = { ...observation, release: { ...release, status } };
  const current = positionOf(release);
  const phase = status.stop?.phase ?? status.phase;
  if (phase !== 'Shifting' || current === undefined) return { status, requeueAfterMs: 0 };
  const next = positionUnder(rollout, current.step);
  if (next === undefined) return towardsPromotion(edited, { passed: 'The spec asks for no steps any more', reason: 'NoSteps' });
  if (isSameShare(next.step, current.step)) return { status: { ...status, step: next.index }, requeueAfterMs: 0 };
  if (status.stop !== undefined) return stay(edited, status.message ?? '', enterStep(next), 0);
  return move(edited, {
    phase: 'Shifting',
    reason: 'PlanEdited',
    message: `The steps were edited; the release goes on with step ${next.index + 1} of ${next.count}: ${shareSentence(next.step)}`,
    changes: enterStep(next),
  });
}

function withPlan({ release, rollout }: ReleaseObservation): ReleaseStatus {
  const { rollout: _before, ...kept } = release.status ?? {};
  const back = canonicalJson(release.spec.rollout ?? {}) === canonicalJson(rollout ?? {});
  return back ? kept : { ...kept, rollout: rollout ?? rolloutSchema.parse({}) };
}

function overdue(observation: ReleaseObservation): ReleaseDecision | undefined {
  const { release, now, stable } = observation;
  const limit = planOf(release)?.maxDuration;
  const phase = release.status?.phase;
  if (limit === undefined || stable === undefined || phase === 'AwaitingApproval' || phase === 'Held' || phase === 'Paused') return undefined;
  if (activeMilliseconds(release.status ?? {}, now) < durationMilliseconds(limit)) return undefined;
  return rollBack(observation, {
    reason: 'MaxDurationExceeded',
    message: `Not promoted within ${limit}, and an open question is no pass. Last state: ${release.status?.message ?? 'unknown'}`,
  });
}

function held(observation: ReleaseObservation): ReleaseDecision | undefined {
  const phase = observation.release.status?.phase;
  return phase === 'Held' || phase === 'Paused' ? undefined : hold(observation);
}
