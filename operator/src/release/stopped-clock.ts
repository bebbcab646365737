import type { GateRecord, HoldReason, ReleasePhase, ReleaseStatus } from '@sluice/crds';
import { epochMsOf, isoTime } from '../evidence/clock-time.ts';
import { emptyEvidence } from '../evidence/empty-evidence.ts';
import { limitedBefore } from './holds/standing-hold.ts';

/** `now`, or the latest moment that the status knows where the clock of this machine is behind that of the one which wrote it. */
export function notBefore({ phaseStartedAt, stop }: ReleaseStatus, now: number): number {
  return Math.max(now, epochMsOf(phaseStartedAt) ?? now, epochMsOf(stop?.since) ?? now);
}

/** How long is waited for a clock that is behind, milliseconds: the usual interval of the gates. */
const toleratedMs = 15_000;

/**
 * The status on a clock that has gone back since a phase began: what began at a time that is yet to come begins now, or nothing would be
 * seen or decided until then. A difference of up to 15 s, as between replicas, is waited for (`notBefore`).
 */
export function putBack(status: ReleaseStatus, now: number): ReleaseStatus {
  if (notBefore(status, now) - now <= toleratedMs) return status;
  const { startedAt, phaseStartedAt, stepStartedAt, unreadySince, approval, stop, gate } = status;
  const began = (text: string) => isoTime(Math.min(now, epochMsOf(text) ?? now));
  return {
    ...status,
    ...(status.durations === undefined ? {} : { durations: within(status.durations, Math.max(0, now - (epochMsOf(startedAt) ?? now))) }),
    ...(startedAt === undefined ? {} : { startedAt: began(startedAt) }),
    ...(phaseStartedAt === undefined ? {} : { phaseStartedAt: began(phaseStartedAt) }),
    ...(stepStartedAt === undefined ? {} : { stepStartedAt: began(stepStartedAt) }),
    ...(unreadySince === undefined ? {} : { unreadySince: began(unreadySince) }),
    ...(approval?.requestedAt === undefined ? {} : { approval: { ...approval, requestedAt: began(approval.requestedAt) } }),
    ...(stop === undefined ? {} : { stop: { ...stop, since: began(stop.since) } }),
    ...(gate === undefined ? {} : { gate: gatePutBack(gate, began) }),
  };
}

/** A release has not stood for longer than it has been there. */
function within(durations: NonNullable<ReleaseStatus['durations']>, totalMs: number): NonNullable<ReleaseStatus['durations']> {
  const { pausedMilliseconds = 0, heldMilliseconds = 0 } = durations;
  const paused = Math.min(pausedMilliseconds, totalMs);
  const held = Math.min(heldMilliseconds, totalMs - paused);
  return { ...durations, ...(paused < pausedMilliseconds ? { pausedMilliseconds: paused } : {}), ...(held < heldMilliseconds ? { heldMilliseconds: held } : {}) };
}

function gatePutBack(gate: GateRecord, began: (text: string) => string): GateRecord {
  const { startedAt, testFrom: from, weightSince } = gate;
  return {
    ...gate,
    ...(startedAt === undefined ? {} : { startedAt: began(startedAt) }),
    ...(from === undefined ? {} : { testFrom: began(from) }),
    ...(weightSince === undefined ? {} : { weightSince: began(weightSince) }),
  };
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
    ...(counted.approval === undefined ? {} : { approval: counted.approval }),
    stop: { phase, since: isoTime(now), ...(reason === undefined ? {} : { reason, ...limitedBefore(status, now) }), ...unreadyBefore(status) },
  };
}

/** What another hindrance interrupts goes on afterwards. */
function unreadyBefore({ stop }: ReleaseStatus): Pick<NonNullable<ReleaseStatus['stop']>, 'unreadyMilliseconds'> {
  return stop?.unreadyMilliseconds === undefined ? {} : { unreadyMilliseconds: stop.unreadyMilliseconds };
}

/**
 * What was counted while one of these held the release speaks of the revision as at any time. Pods count on while nobody can read them, and what they did
 * then comes with the next reading: were it given up, a revision that fails whenever it hangs would be judged by the rest of its time alone.
 */
const keepsWindow: ReadonlySet<HoldReason> = new Set(['Freeze', 'Dependency', 'SpecUnreadable', 'MetricsMissing']);

/** Whether requests are counted on while the release stands: for a pause, too. */
function countsOn({ reason }: NonNullable<ReleaseStatus['stop']>): boolean {
  return reason === undefined || keepsWindow.has(reason);
}

/**
 * The status with its clock running again: the time it stood counts as paused or held, and what was measured from before it is moved
 * on by as much. What was seen during an outage of the provider says nothing about the revision, so its window begins anew.
 */
export function runClock(status: ReleaseStatus, now: number): ReleaseStatus {
  const { stop, ...rest } = status;
  if (stop === undefined && status.phase !== 'AwaitingApproval') return rest;
  const stood = stoodFor(status, now);
  if (stop === undefined) return { ...rest, durations: added(status, 'pausedMilliseconds', stood), ...movedOn(status, stood) };
  return {
    ...rest,
    durations: added(status, stop.reason === undefined ? 'pausedMilliseconds' : 'heldMilliseconds', stood),
    ...movedOn(status, stood),
    ...(stop.phase === 'AwaitingApproval' ? { approval: { ...rest.approval, requestedAt: isoTime((epochMsOf(rest.approval?.requestedAt) ?? now) + stood) } } : {}),
    ...(countsOn(stop) ? {} : withFreshWindow(rest, now)),
  };
}

/** For how long the clock of the release stands by now, milliseconds: 0 while it runs. */
export function stoodFor({ stop, phase, phaseStartedAt }: ReleaseStatus, now: number): number {
  if (stop === undefined && phase !== 'AwaitingApproval') return 0;
  return Math.max(0, now - (epochMsOf(stop === undefined ? phaseStartedAt : stop.since) ?? now));
}

/**
 * From when the test at the deadline is counted, epoch milliseconds; undefined before the gates begin. Its clock stands only while nothing is
 * counted: whoever could put the test off and have requests counted on would let it look when the numbers are good.
 */
export function testFrom(status: ReleaseStatus, now: number): number | undefined {
  const from = epochMsOf(status.gate?.testFrom ?? status.gate?.startedAt);
  if (from === undefined) return undefined;
  return status.stop !== undefined && countsOn(status.stop) ? from : from + stoodFor(status, now);
}

/** What time in the step and under the gates is counted from, as though the clock had not stood for these milliseconds. */
function movedOn(status: ReleaseStatus, stood: number): Partial<ReleaseStatus> {
  const { stepStartedAt, gate, stop } = status;
  const stepStarted = epochMsOf(stepStartedAt);
  return {
    ...(stepStarted === undefined ? {} : { stepStartedAt: isoTime(stepStarted + stood) }),
    ...(gate?.startedAt === undefined ? {} : { gate: { ...gate, startedAt: isoTime(Date.parse(gate.startedAt) + stood), ...movedTest(gate, { stood, counting: stop !== undefined && countsOn(stop) ? 'On' : 'Off' }) } }),
  };
}

/** Told apart from the start only where it is another time. */
function movedTest({ startedAt, testFrom: before }: GateRecord, { stood, counting }: { readonly stood: number; readonly counting: 'On' | 'Off' }): Pick<GateRecord, 'testFrom'> {
  const from = epochMsOf(before ?? startedAt);
  if (from === undefined || stood === 0 || (before === undefined && counting === 'Off')) return {};
  return { testFrom: isoTime(counting === 'On' ? from : from + stood) };
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
