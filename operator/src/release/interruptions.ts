import { isDeepStrictEqual } from 'node:util';
import { durationMilliseconds, rolloutDefaults } from '@sluice/crds';
import type { ReleasePhase, ReleaseStatus } from '@sluice/crds';
import { move, rollBack } from './decision.ts';
import type { Interruption, ReleaseDecision } from './decision.ts';
import type { ReleaseObservation } from './observation.ts';
import { holdLimitOf, planOf, positionUnder, shareIn } from './plan.ts';
import { withPodProblem } from './readiness.ts';
import { hold, mayWaitForOthers } from './phases/stopped.ts';
import { activeMilliseconds } from './stopped-clock.ts';

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
  const { veto, release: { status = {} } } = observation;
  if (veto === undefined) return undefined;
  const phase = status.stop?.phase ?? status.phase;
  // Whom a release waits for no more may wait for it.
  if (veto.reason === 'DependencyCycle' && (phase === undefined || !mayWaitForOthers(phase, observation))) return undefined;
  return rollBack(observation, veto);
}

/**
 * An edited plan is in force at once; nothing begins again. Which step that makes it is known here; its share is given by the phase, so that
 * a release that stands, or has to stand now, keeps what it has until it goes on. Undefined where the plan in force is that of the spec.
 */
export function planEdited(observation: ReleaseObservation): ReleaseDecision | undefined {
  const { release, rollout } = observation;
  if (isDeepStrictEqual(planOf(release) ?? {}, rollout ?? {})) return undefined;
  const status = withPlan(observation);
  if ((status.stop?.phase ?? status.phase) !== 'Shifting') return { status, requeueAfterMs: 0 };
  return { status: { ...status, step: positionUnder(rollout, shareIn(status), status.step ?? 0)?.index ?? 0 }, requeueAfterMs: 0 };
}

function withPlan({ release, rollout }: ReleaseObservation): ReleaseStatus {
  const { rollout: _before, ...kept } = release.status ?? {};
  const back = isDeepStrictEqual(release.spec.rollout ?? {}, rollout ?? {});
  return back ? kept : { ...kept, rollout: rollout ?? rolloutDefaults };
}

/** In which the clock stands, or what maxDuration asks for is decided: progressDeadline bounds how long a promotion waits for its pods and its route. */
const untimed: ReadonlySet<ReleasePhase> = new Set(['AwaitingApproval', 'Held', 'Paused', 'Promoting']);

function overdue(observation: ReleaseObservation): ReleaseDecision | undefined {
  const { release, now, stable, canary } = observation;
  const limit = planOf(release)?.maxDuration;
  const phase = release.status?.phase;
  if (limit === undefined || stable === undefined || phase === undefined || untimed.has(phase)) return undefined;
  // The gates have a deadline of their own, which waits while the provider is out, and end the release by it. What they cannot end has an end all the same.
  const extra = phase === 'Shifting' && release.status?.gate?.startedAt !== undefined ? durationMilliseconds(holdLimitOf(release)) : 0;
  if (activeMilliseconds(release.status ?? {}, now) < durationMilliseconds(limit) + extra) return undefined;
  return rollBack(observation, {
    reason: 'MaxDurationExceeded',
    message: `Not promoted within ${limit}, and an open question is no pass. Last state: ${withPodProblem(release.status?.message ?? 'unknown', canary)}`,
  });
}

function held(observation: ReleaseObservation): ReleaseDecision | undefined {
  const phase = observation.release.status?.phase;
  return phase === 'Held' || phase === 'Paused' ? undefined : hold(observation);
}
