import type { ReleasePhase, ReleaseStatus, Transition } from '@sluice/crds';
import { epochMsOf, isoTime } from '../evidence/clock-time.ts';
import { completionOf } from './completion.ts';
import { highestWeightOf } from './exposure.ts';
import type { ReleaseObservation } from './observation.ts';
import { runClock } from './stopped-clock.ts';

/** What one look at a release leads to. `requeueAfterMs`: when to look again though nothing was seen to change. */
export interface ReleaseDecision {
  readonly status: ReleaseStatus;
  readonly requeueAfterMs?: number;
  /** It goes on as soon as it has its turn. */
  readonly awaits?: 'Turn';
}

/** One phase of a release: a pure function from what is seen to the next status. */
export type PhaseRule = (observation: ReleaseObservation) => ReleaseDecision;

/** Something that may end or stop a release in several phases; undefined where it does not apply. */
export type Interruption = (observation: ReleaseObservation) => ReleaseDecision | undefined;

export interface Move {
  readonly phase: ReleasePhase;
  /** CamelCase, listed in docs/architecture.md. */
  readonly reason: string;
  /** One sentence for people. */
  readonly message: string;
  readonly changes?: Partial<ReleaseStatus>;
  /** Who asked for it, where a person did. */
  readonly by?: string | undefined;
}

const maxTransitions = 64;

export function isTerminal(phase: ReleasePhase | undefined): boolean {
  return phase === 'Promoted' || phase === 'RolledBack' || phase === 'Superseded' || phase === 'Aborted';
}

/** Epoch milliseconds of a persisted timestamp; `fallback` where it is not set yet. */
export function epochOf(timestamp: string | undefined, fallback: number): number {
  return epochMsOf(timestamp) ?? fallback;
}

/** A change of phase: recorded with time and reason, and the phase's own clock starts. A clock that was stopped runs on. */
export function move(observation: Pick<ReleaseObservation, 'now' | 'release'>, to: Move): ReleaseDecision {
  const { now, release } = observation;
  const at = isoTime(now);
  const { unreadySince: _restarted, ...kept } = isStop(to.phase) ? (release.status ?? {}) : runClock(release.status ?? {}, now);
  const next: ReleaseStatus = defined({
    ...kept,
    ...highestWeightOf(kept, to.changes ?? {}),
    ...to.changes,
    phase: to.phase,
    reason: to.reason,
    message: to.message,
    phaseStartedAt: at,
    transitions: withTransition(kept.transitions, to, now),
  });
  return { status: isTerminal(to.phase) ? { ...next, ...completionOf({ ...release, status: next }, now) } : next, requeueAfterMs: 0 };
}

/** No change of phase: the sentence and the facts are brought up to date. */
export function stay({ release }: ReleaseObservation, message: string, changes: Partial<ReleaseStatus>, requeueAfterMs: number): ReleaseDecision {
  return { status: defined({ ...release.status, ...changes, message }), requeueAfterMs };
}

/** Traffic goes back to the stable revision, for the reason that the release ends with. */
export function rollBack(observation: ReleaseObservation, { reason, message, changes, by }: Omit<Move, 'phase'>): ReleaseDecision {
  return move(observation, { phase: 'RollingBack', reason, message, by, changes: { ...changes, weight: 0, mirrorPercent: undefined } });
}

/** Held and Paused keep the clock of the phase that goes on afterwards. */
function isStop(phase: ReleasePhase): boolean {
  return phase === 'Held' || phase === 'Paused';
}

/** Their times never go back, though a clock may. */
function withTransition(before: readonly Transition[] = [], to: Move, now: number): Transition[] {
  const at = isoTime(Math.max(now, epochMsOf(before.at(-1)?.at) ?? now));
  return [...before, transition(to, at)].slice(-maxTransitions);
}

function transition({ phase, reason, message, by }: Move, at: string): Transition {
  return { phase, at, reason, message, ...(by === undefined ? {} : { by }) };
}

/** JSON has no undefined: a member that is taken away is absent. */
function defined(status: { readonly [K in keyof ReleaseStatus]: ReleaseStatus[K] | undefined }): ReleaseStatus {
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined));
}
