import type { Release } from '@sluice/crds';
import { isUndone, readLedger, type ReleaseLedger } from '@sluice/operator/src/agent/ledger/releases.ts';
import { isTerminal } from '@sluice/operator/src/release/decision.ts';
import { activeMilliseconds, runClock } from '@sluice/operator/src/release/stopped-clock.ts';
import { toldReason } from '@sluice/operator/src/release/told-reason.ts';

/** One release in the history; the JSON of `history --output json` is a list of them, newest first. */
export interface HistoryRecord {
  readonly release: string;
  readonly revision: string;
  /** How it ended; the phase while it is on its way; Undone where it was promoted and taken back later. */
  readonly verdict: string;
  readonly state: 'Underway' | 'Ended';
  /** `Serving`: what it brought serves now. `Active`: on its way. `Past`: neither. */
  readonly role: 'Serving' | 'Active' | 'Past';
  readonly reason?: string;
  readonly message?: string;
  readonly cause: 'SpecChanged' | 'Retry' | 'Undo';
  readonly retryOf?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** Without pauses, waiting for approval and holds. */
  readonly activeMilliseconds?: number;
  /** Paused, waiting for approval and held. */
  readonly stoodMilliseconds?: number;
  /** What people asked that was done, oldest first. */
  readonly by: readonly { readonly user: string; readonly did: string }[];
}

/** The releases of one agent, newest first. Pure. */
export function historyOf(releases: readonly Release[], now: number): HistoryRecord[] {
  const ledger = readLedger(releases);
  return ledger.all.toReversed().map((release) => record(release, { role: roleIn(ledger, release), by: [...beginners(release, ledger), ...people(release, ledger)] }, now));
}

/** Of one release among those of its agent. */
export function roleIn({ serving }: Pick<ReleaseLedger, 'serving'>, release: Release): HistoryRecord['role'] {
  if (release === serving) return 'Serving';
  return isTerminal(release.status?.phase) ? 'Past' : 'Active';
}

function record(release: Release, { role, by }: Pick<HistoryRecord, 'role' | 'by'>, now: number): HistoryRecord {
  const { metadata, spec, status = {} } = release;
  const { phase = 'Preparing', message, startedAt, finishedAt } = status;
  const reason = toldReason(status);
  return {
    release: metadata.name,
    revision: spec.revision,
    verdict: isUndone(release) ? 'Undone' : (status.completion ?? phase),
    state: isTerminal(phase) ? 'Ended' : 'Underway',
    role,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    cause: spec.cause ?? 'SpecChanged',
    ...(spec.retryOf === undefined ? {} : { retryOf: spec.retryOf }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...spent(release, now),
    by,
  };
}

function spent({ status = {} }: Release, now: number): Pick<HistoryRecord, 'activeMilliseconds' | 'stoodMilliseconds'> {
  if (status.startedAt === undefined) return {};
  const end = status.finishedAt === undefined ? now : Date.parse(status.finishedAt);
  const { durations } = isTerminal(status.phase) ? status : runClock(status, now);
  const stood = (durations?.pausedMilliseconds ?? 0) + (durations?.heldMilliseconds ?? 0);
  return { activeMilliseconds: durations?.activeMilliseconds ?? activeMilliseconds(status, end), stoodMilliseconds: stood };
}

type By = HistoryRecord['by'];

/** Who asked for the release itself: the answer stands in the one that was to be tried again, or taken back. */
function beginners(release: Release, { all }: ReleaseLedger): By {
  const asked = releaseAsked(release, all);
  return asked === undefined ? [] : answered(asked);
}

/** The latest one before it that somebody asked to try again, or to take back in favour of it; undefined where another wish was answered there since. */
function releaseAsked({ metadata, spec: { cause, retryOf, revision } }: Release, all: readonly Release[]): Release | undefined {
  const before = all.slice(0, all.findIndex((other) => other.metadata.name === metadata.name));
  if (cause === 'Retry') return before.find((other) => other.metadata.name === retryOf && other.status?.handledIntent?.verb === 'Retry' && lastRetryOf(other, all) === metadata.name);
  return cause === 'Undo' ? before.findLast((other) => isUndone(other) && other.status?.undoTo === revision && other.status.handledIntent?.verb === 'Undo') : undefined;
}

/** Only the latest wish of each release is known. */
function lastRetryOf({ metadata }: Release, all: readonly Release[]): string | undefined {
  return all.findLast(({ spec }) => spec.cause === 'Retry' && spec.retryOf === metadata.name)?.metadata.name;
}

/** Retry and Undo change no phase of the release that they are asked of. A Retry is told of the release that it began, once there is one. */
function people(release: Release, { all }: ReleaseLedger): By {
  const moved = (release.status?.transitions ?? []).flatMap(({ by, reason }) => (by === undefined ? [] : [{ user: by, did: reason }]));
  const isTold = release.status?.handledIntent?.verb === 'Retry' && lastRetryOf(release, all) !== undefined;
  return isTold ? moved : [...moved, ...answered(release)];
}

function answered({ status = {} }: Release): By {
  const { handledIntent: handled } = status;
  if (handled?.by === undefined || handled.outcome === 'Refused' || (handled.verb !== 'Retry' && handled.verb !== 'Undo')) return [];
  return [{ user: handled.by, did: handled.verb }];
}
