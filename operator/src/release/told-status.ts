import type { Release, ReleasePhase, ReleaseStatus } from '@sluice/crds';
import { attemptConditions, type Standing } from '../conditions/attempt.ts';
import { recordedSentence } from '../conditions/bounded-sentence.ts';
import { toldReason } from './told-reason.ts';

/** One that was superseded or aborted has not brought its revision out either: whoever waits for that must not be told that it is there. */
const standings: Readonly<Record<ReleasePhase, Standing>> = {
  Preparing: 'UnderWay',
  Evaluating: 'UnderWay',
  Shifting: 'UnderWay',
  AwaitingApproval: 'WaitsForPerson',
  Promoting: 'UnderWay',
  Promoted: 'Done',
  Held: 'UnderWay',
  Paused: 'WaitsForPerson',
  RollingBack: 'UnderWay',
  RolledBack: 'Ended',
  Superseded: 'Ended',
  Aborted: 'Ended',
};

/**
 * The status of a release as it is stored: its sentences within their bound, and its conditions, which follow from the rest. Nothing is decided
 * from them, and what they say changes with its phase and reason alone, so that they cost no write.
 */
export function toldStatus({ metadata: { generation }, status: before }: Release, decided: ReleaseStatus, now: number): ReleaseStatus {
  const status = bounded(decided);
  const { phase, message = '' } = status;
  if (phase === undefined) return status;
  const { standing, reason } = standingOf(status, phase);
  const conditions = attemptConditions({ standing, reason, message, generation, now, before: before?.conditions });
  return { ...status, ...(generation === undefined ? {} : { observedGeneration: generation }), conditions };
}

/** What was promoted and taken back later is like what was taken back at once. */
function standingOf(status: ReleaseStatus, phase: ReleasePhase): { readonly standing: Standing; readonly reason: string } {
  const isTakenBack = phase === 'Promoted' && status.undoTo !== undefined;
  return { standing: isTakenBack ? 'Ended' : standings[phase], reason: toldReason(status) ?? phase };
}

/** What others say (a webhook, a registry, a Gateway) is as long as they like. */
function bounded(status: ReleaseStatus): ReleaseStatus {
  const { message, handledIntent, transitions, evaluations, objectives } = status;
  return {
    ...status,
    ...(message === undefined ? {} : { message: recordedSentence(message) }),
    ...(handledIntent === undefined ? {} : { handledIntent: within(handledIntent) }),
    ...(transitions === undefined ? {} : { transitions: transitions.map(within) }),
    ...(evaluations === undefined ? {} : { evaluations: evaluations.map(within) }),
    ...(objectives === undefined ? {} : { objectives: objectives.map(within) }),
  };
}

function within<T extends { readonly message: string }>(told: T): T {
  const message = recordedSentence(told.message);
  return message === told.message ? told : { ...told, message };
}
