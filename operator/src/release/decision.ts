import type { ReleasePhase, ReleaseStatus } from '@sluice/crds';
import { epochMsOf, isoTime } from '../evidence/clock-time.ts';
import type { ReleaseObservation } from './observation.ts';

/** What one look at a release leads to. `requeueAfterMs`: when to look again though nothing was seen to change. */
export interface ReleaseDecision {
  readonly status: ReleaseStatus;
  readonly requeueAfterMs?: number;
}

/** One phase of a release: a pure function from what is seen to the next status. */
export type PhaseRule = (observation: ReleaseObservation) => ReleaseDecision;

export interface Move {
  readonly phase: ReleasePhase;
  /** CamelCase, listed in docs/architecture.md. */
  readonly reason: string;
  /** One sentence for people. */
  readonly message: string;
  readonly changes?: Partial<ReleaseStatus>;
}

const maxTransitions = 64;

export function isTerminal(phase: ReleasePhase | undefined): boolean {
  return phase === 'Promoted' || phase === 'RolledBack' || phase === 'Superseded';
}

/** Epoch milliseconds of a persisted timestamp; `fallback` where it is not set yet. */
export function epochOf(timestamp: string | undefined, fallback: number): number {
  return epochMsOf(timestamp) ?? fallback;
}

/** A change of phase: recorded with time and reason, and the phase's own clock starts. */
export function move({ now, release }: ReleaseObservation, to: Move): ReleaseDecision {
  const status = release.status ?? {};
  const at = isoTime(now);
  const transitions = [...(status.transitions ?? []), { phase: to.phase, at, reason: to.reason, message: to.message }];
  const finished = isTerminal(to.phase) ? { finishedAt: at } : {};
  const { unreadySince: _restarted, ...kept } = status;
  return {
    status: {
      ...kept,
      ...to.changes,
      ...finished,
      phase: to.phase,
      reason: to.reason,
      message: to.message,
      phaseStartedAt: at,
      transitions: transitions.slice(-maxTransitions),
    },
    requeueAfterMs: 0,
  };
}

/** No change of phase: the sentence and the facts are brought up to date. */
export function stay({ release }: ReleaseObservation, message: string, changes: Partial<ReleaseStatus>, requeueAfterMs: number): ReleaseDecision {
  return { status: { ...release.status, ...changes, message }, requeueAfterMs };
}
