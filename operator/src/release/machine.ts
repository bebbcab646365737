import type { ReleasePhase } from '@sluice/crds';
import { durationMilliseconds } from '@sluice/crds';
import { isoTime } from '../evidence/clock-time.ts';
import { epochOf, isTerminal, move } from './decision.ts';
import type { PhaseRule, ReleaseDecision } from './decision.ts';
import type { ReleaseObservation } from './observation.ts';
import { evaluating } from './phases/evaluating.ts';
import { preparing } from './phases/preparing.ts';
import { promoting } from './phases/promoting.ts';
import { rollingBack } from './phases/rolling-back.ts';
import { shifting } from './phases/shifting.ts';

const finished: PhaseRule = ({ release }) => ({ status: release.status ?? {} });

/** One rule a phase; a phase is left only by the rule named here or by one of the `interruptions`. */
const rules: Readonly<Record<ReleasePhase, PhaseRule>> = {
  Preparing: preparing,
  Evaluating: evaluating,
  Shifting: shifting,
  Promoting: promoting,
  RollingBack: rollingBack,
  Promoted: finished,
  RolledBack: finished,
  Superseded: finished,
};

/** What ends a release from any phase in which the revision is still on its way; the first that applies wins. */
const interruptions: readonly ((observation: ReleaseObservation) => ReleaseDecision | undefined)[] = [superseded, overdue];

/**
 * The next status of a release. Pure: the same observation gives the same decision, and all that it needs to go on after a crash
 * is in the status it returns.
 */
export function advance(observation: ReleaseObservation): ReleaseDecision {
  const phase = observation.release.status?.phase;
  if (phase === undefined) return begin(observation);
  if (!isTerminal(phase) && phase !== 'RollingBack') {
    for (const interruption of interruptions) {
      const decision = interruption(observation);
      if (decision !== undefined) return decision;
    }
  }
  return rules[phase](observation);
}

function begin(observation: ReleaseObservation): ReleaseDecision {
  const { revision, stableRevision } = observation.release.spec;
  const from = stableRevision === undefined ? 'the first revision' : `replaces ${stableRevision}`;
  return move(observation, {
    phase: 'Preparing',
    reason: 'ReleaseStarted',
    message: `Release of revision ${revision} began (${from})`,
    changes: { startedAt: isoTime(observation.now), weight: 0 },
  });
}

function superseded(observation: ReleaseObservation): ReleaseDecision | undefined {
  if (observation.superseded === undefined) return undefined;
  const { revision, reason } = observation.superseded;
  const asked = reason === 'PlanChanged' ? 'asks for another rollout' : `asks for revision ${revision}`;
  return move(observation, {
    phase: 'Superseded',
    reason,
    message: `The spec now ${asked}; this release ends without a verdict`,
    changes: { weight: 0 },
  });
}

function overdue(observation: ReleaseObservation): ReleaseDecision | undefined {
  const { release, now, stable } = observation;
  const limit = release.spec.rollout?.maxDuration;
  if (limit === undefined || stable === undefined) return undefined;
  if (now - epochOf(release.status?.startedAt, now) < durationMilliseconds(limit)) return undefined;
  return move(observation, {
    phase: 'RollingBack',
    reason: 'MaxDurationExceeded',
    message: `Not promoted within ${limit}, and an open question is no pass. Last state: ${release.status?.message ?? 'unknown'}`,
    changes: { weight: 0 },
  });
}
