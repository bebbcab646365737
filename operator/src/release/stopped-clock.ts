import type { HoldReason, ReleasePhase, ReleaseStatus } from '@sluice/crds';
import { epochMsOf, isoTime } from '../evidence/clock-time.ts';
import { emptyEvidence } from '../evidence/empty-evidence.ts';

/** `now`, or the latest moment that the status knows where the clock of this machine is behind that of the one which wrote it. */
export function notBefore({ phaseStartedAt, stop }: ReleaseStatus, now: number): number {
  return Math.max(now, epochMsOf(phaseStartedAt) ?? now, epochMsOf(stop?.since) ?? now);
}

/** What a release that stops says of it; the phase that goes on afterwards is the one that was stopped first. */
export function stopClock(status: ReleaseStatus, { now, reason }: { readonly now: number; readonly reason?: HoldReason | undefined }): Partial<ReleaseStatus> {
  const counted = runClock(status, now);
  const phase: ReleasePhase = status.stop?.phase ?? status.phase ?? 'Preparing';
  return {
    durations: counted.durations,
    stepStartedAt: counted.stepStartedAt,
    evidence: counted.evidence,
    gate: counted.gate,
    stop: { phase, since: isoTime(now), ...(reason === undefined ? {} : { reason }) },
  };
}

/** What was counted while one of these held the release speaks of the revision as at any time. */
const keepsWindow: ReadonlySet<HoldReason> = new Set(['Freeze', 'Dependency']);

/**
 * The status with its clock running again: the time it stood counts as paused or held, and what was measured from before it is moved
 * on by as much. What was seen during an outage of the provider says nothing about the revision, so its window begins anew.
 */
export function runClock(status: ReleaseStatus, now: number): ReleaseStatus {
  const { stop, ...rest } = status;
  if (stop === undefined && status.phase !== 'AwaitingApproval') return rest;
  const stood = stoodFor(status, now);
  if (stop === undefined) return { ...rest, durations: added(status, 'pausedMilliseconds', stood), ...movedOn(rest, stood) };
  return {
    ...rest,
    durations: added(status, stop.reason === undefined ? 'pausedMilliseconds' : 'heldMilliseconds', stood),
    ...movedOn(rest, stood),
    ...(stop.phase === 'AwaitingApproval' ? { approval: { ...rest.approval, requestedAt: isoTime((epochMsOf(rest.approval?.requestedAt) ?? now) + stood) } } : {}),
    ...(stop.reason === undefined || keepsWindow.has(stop.reason) ? {} : withFreshWindow(rest, now)),
  };
}

/** For how long the clock of the release stands by now, milliseconds: 0 while it runs. */
export function stoodFor({ stop, phase, phaseStartedAt }: ReleaseStatus, now: number): number {
  if (stop === undefined && phase !== 'AwaitingApproval') return 0;
  return Math.max(0, now - (epochMsOf(stop === undefined ? phaseStartedAt : stop.since) ?? now));
}

/** What time in the step and under the gates is counted from, as though the clock had not stood. */
function movedOn({ stepStartedAt, gate }: ReleaseStatus, stood: number): Partial<ReleaseStatus> {
  const stepStarted = epochMsOf(stepStartedAt);
  return {
    ...(stepStarted === undefined ? {} : { stepStartedAt: isoTime(stepStarted + stood) }),
    ...(gate?.startedAt === undefined ? {} : { gate: { ...gate, startedAt: isoTime(Date.parse(gate.startedAt) + stood) } }),
  };
}

/** Milliseconds since the release began in which its clock ran. */
export function activeMilliseconds(status: ReleaseStatus, now: number): number {
  const { durations } = runClock(status, now);
  const total = now - (epochMsOf(status.startedAt) ?? now);
  return Math.max(0, total - (durations?.pausedMilliseconds ?? 0) - (durations?.heldMilliseconds ?? 0));
}

function withFreshWindow({ evidence }: ReleaseStatus, now: number): Partial<ReleaseStatus> {
  return evidence === undefined ? {} : { evidence: emptyEvidence(isoTime(now), evidence.past) };
}

type Counter = 'pausedMilliseconds' | 'heldMilliseconds';

function added({ durations }: ReleaseStatus, counter: Counter, milliseconds: number): NonNullable<ReleaseStatus['durations']> {
  return { ...durations, [counter]: (durations?.[counter] ?? 0) + milliseconds };
}
