import type { Release, ReleasePhase, ReleaseStatus } from '@sluice/crds';
import { isoTime } from '../evidence/clock-time.ts';
import { isTerminal, move } from './decision.ts';
import type { PhaseRule, ReleaseDecision } from './decision.ts';
import { answerIntent, openIntent } from './intents/answer.ts';
import { interruptions, planEdited } from './interruptions.ts';
import type { ReleaseObservation } from './observation.ts';
import { awaitingApproval } from './phases/awaiting-approval.ts';
import { evaluating } from './phases/evaluating.ts';
import { preparing } from './phases/preparing.ts';
import { promoting } from './phases/promoting.ts';
import { rollingBack } from './phases/rolling-back.ts';
import { shifting } from './phases/shifting.ts';
import { held, paused } from './phases/stopped.ts';
import { notBefore, putBack } from './stopped-clock.ts';

const finished: PhaseRule = ({ release }) => ({ status: release.status ?? {} });

/** One rule a phase; a phase is left only by the rule named here, by one of the interruptions, or because a person asked. */
const rules: Readonly<Record<ReleasePhase, PhaseRule>> = {
  Preparing: preparing,
  Evaluating: evaluating,
  Shifting: shifting,
  AwaitingApproval: awaitingApproval,
  Promoting: promoting,
  Held: held,
  Paused: paused,
  RollingBack: rollingBack,
  Promoted: finished,
  RolledBack: finished,
  Superseded: finished,
  Aborted: finished,
};

/**
 * The next status of a release. Pure: the same observation gives the same decision, and all that it needs to go on after a crash
 * is in the status it returns. People come before rules, except that nothing keeps alive what the spec does not ask for any more.
 */
export function advance(seen: ReleaseObservation): ReleaseDecision {
  const release = onClock(seen);
  const observation = { ...seen, release, now: notBefore(release.status ?? {}, seen.now) };
  let decision = next(observation);
  // Moves that need nothing but what was seen already are made in one look: one write in place of several.
  for (let moves = 1; moves < maxMoves && goesOn(decision); moves += 1) decision = next(after(observation, decision.status));
  return decision;
}

/** What has ended stays as it is, whatever the clock says. */
function onClock({ release, now }: ReleaseObservation): Release {
  const { status } = release;
  if (status === undefined || isTerminal(status.phase)) return release;
  return { ...release, status: putBack(status, now) };
}

/** More than any way through the phases needs. */
const maxMoves = 12;

function goesOn({ status, requeueAfterMs }: ReleaseDecision): boolean {
  return requeueAfterMs === 0 && !isTerminal(status.phase);
}

/** What was seen, with the release as it is now. Counts of a window that has ended say nothing about the one that begins. */
function after({ evidence, ...observation }: ReleaseObservation, status: ReleaseStatus): ReleaseObservation {
  const sameWindow = evidence !== undefined && evidence.since === status.evidence?.since;
  return { ...observation, release: { ...observation.release, status }, ...(sameWindow ? { evidence } : {}) };
}

function next(observation: ReleaseObservation): ReleaseDecision {
  const phase = observation.release.status?.phase;
  if (phase === undefined) return begin(observation);
  const isUnderWay = !isTerminal(phase) && phase !== 'RollingBack';
  const intent = openIntent(observation.release);
  // Who asks is answered by the plan of today: an approval that was added just now is not skipped.
  if (intent !== undefined) return (isUnderWay ? planEdited(observation) : undefined) ?? answerIntent(observation, intent);
  if (isUnderWay) {
    for (const interruption of interruptions) {
      const decision = interruption(observation);
      if (decision !== undefined) return decision;
    }
  }
  return rules[phase](observation);
}

function begin(observation: ReleaseObservation): ReleaseDecision {
  const { revision, stableRevision, retryOf, earlier } = observation.release.spec;
  const from = stableRevision === undefined ? 'the first revision' : `replaces ${stableRevision}`;
  // Nothing is carried on of another revision.
  const changed = earlier === undefined ? ', which was of another revision: what the spec names has changed since' : '';
  const again = retryOf === undefined ? '' : `, tried again after ${retryOf}${changed}`;
  return move(observation, {
    phase: 'Preparing',
    reason: 'ReleaseStarted',
    message: `Release of revision ${revision} began (${from}${again})`,
    changes: { startedAt: isoTime(observation.now), weight: 0, highestWeight: 0 },
  });
}
