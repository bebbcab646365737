import type { HoldReason, PastCounts, ReleaseStatus, RolloutSpec } from '@sluice/crds';
import { describe, expect, it, test } from 'vitest';
import { isoTime } from '../evidence/clock-time.ts';
import { policyIn, replay, stateIn } from '../gates/release-gate/index.ts';
import { deadlineTest } from '../gates/sequential/deadline.ts';
import { riskOf } from '../gates/sequential/risk.ts';
import { runClock, stopClock, testFrom } from './stopped-clock.ts';
import { startedAt, twoSteps } from './testing/observations.ts';
import { playRelease, type PlayedLook } from './testing/played-release.ts';

const everyMs = 3_000;
const minute = 60_000 / everyMs;
/** 200 requests a minute: so few that half of the risk is the deadline's. */
const past: PastCounts = { requests: 12_000, bad: 240, latencyBuckets: [], pods: 4, podMilliseconds: 4 * 3_600_000 };
const rollout: RolloutSpec = { ...twoSteps, steps: [{ weight: 10, duration: '1m' }], maxDuration: '20m', gates: { interval: '15s', minDuration: '0s', objectives: [{ name: 'success', successRate: { maxDropPoints: 2 } }] } };

/** Both fail at 2 %: after twenty minutes that is shown, but the bets have not proven it. */
const asGood = (look: number): PlayedLook => ({ stable: { requests: 9, bad: look % 11 === 0 ? 2 : 0 }, canary: { requests: 1, bad: look % 60 === 59 ? 1 : 0 } });
/** A little worse for twenty minutes, and then spotless: the longer one waits, the better it looks. */
const better = (look: number): PlayedLook => ({ ...asGood(look), canary: { requests: 1, bad: look < 20 * minute && look % 40 === 39 ? 1 : 0 } });

interface Stops {
  readonly pauseAt: number;
  readonly resumeAt: number;
}

/** In minutes. */
function play(traffic: (look: number) => PlayedLook, minutes: number, { pauseAt, resumeAt }: Stops): ReleaseStatus {
  const asked = (look: number): Pick<PlayedLook, 'asks'> => (look === pauseAt * minute ? { asks: 'Pause' } : look === resumeAt * minute ? { asks: 'Resume' } : {});
  return playRelease(Array.from({ length: minutes * minute }, (_, look) => ({ ...traffic(look), ...asked(look) })), { rollout, everyMs, past });
}

const tested = ({ gate }: ReleaseStatus) => stateIn(gate?.state ?? '').deadlineTested;

describe("a person's pause does not choose when the test at the deadline looks", () => {
  it('is made at its time while the release is paused, and not before', () => {
    expect(tested(play(better, 19, { pauseAt: 15, resumeAt: 60 }))).toBe('No');
    const paused = play(better, 21, { pauseAt: 15, resumeAt: 60 });
    expect(paused.phase).toBe('Paused');
    expect(tested(paused)).toBe('Yes');
  });

  it('does not look again when the numbers have become good: what was open then is for a person to say', () => {
    const end = play(better, 40, { pauseAt: 15, resumeAt: 21 });
    expect(end).toMatchObject({ phase: 'AwaitingApproval', reason: 'Inconclusive' });
    expect(Date.parse(end.phaseStartedAt ?? '') - startedAt).toBeGreaterThanOrEqual(26 * 60_000);
    expect(end.message).not.toContain('by the test at the deadline');
    const [state, policy] = [stateIn(end.gate?.state ?? ''), policyIn(end.gate ?? { policy: {} })];
    expect(deadlineTest(state, policy, riskOf(policy, state))).toBe('promote');
  });

  it('promotes by what it has found when the release goes on', () => {
    const paused = play(asGood, 20.5, { pauseAt: 15, resumeAt: 20.5 });
    expect(paused.phase).toBe('Paused');
    expect(stateIn(paused.gate?.state ?? '').deadlineFound).toBe('NotWorse');
    const end = play(asGood, 30, { pauseAt: 15, resumeAt: 20.5 });
    expect(end).toMatchObject({ phase: 'Promoted' });
    expect(end.transitions?.map(({ phase, reason }) => `${phase} ${reason}`)).toEqual(['Paused Paused', 'Shifting Resumed', 'Promoting AllStepsPassed', 'Promoted Promoted']);
    expect(end.transitions?.[2]?.message).toMatch(/decided by the test at the deadline, which was made while something was in the way of promoting; by now: success: \d+ bad of \d+/);
  });

  it('is replayed as it was', () => {
    const { gate } = play(asGood, 24, { pauseAt: 15, resumeAt: 22 });
    expect(gate?.testFrom).toBe(isoTime(startedAt));
    expect(gate === undefined ? undefined : replay(gate).at(-1)?.state).toEqual(stateIn(gate?.state ?? ''));
  });
});

describe('the clock of the test stands only while nothing is counted', () => {
  const from = isoTime(startedAt);
  const status: ReleaseStatus = { phase: 'Shifting', startedAt: from, phaseStartedAt: from, gate: { startedAt: from, policy: {}, measures: [], from: '{}', state: '{}', log: [] } };
  const later = startedAt + 600_000;

  test.each<[HoldReason | undefined, number]>([
    [undefined, 0],
    ['Freeze', 0],
    ['ProviderOutage', 600_000],
    ['MetricsMissing', 0],
    ['Suspended', 600_000],
  ])('stopped for %s it moves by %d ms', (reason, by) => {
    const stopped: ReleaseStatus = { ...status, ...stopClock(status, { now: startedAt, reason }), phase: reason === undefined ? 'Paused' : 'Held' };
    expect(testFrom(stopped, later)).toBe(startedAt + by);
    const { gate } = runClock(stopped, later);
    expect(gate?.startedAt).toBe(isoTime(later));
    const { stop: _over, ...running } = stopped;
    expect(testFrom({ ...running, phase: 'Shifting', ...(gate === undefined ? {} : { gate }) }, later)).toBe(startedAt + by);
  });

  it('goes on from where the pause before has left it', () => {
    const stop = (before: ReleaseStatus, reason: HoldReason | undefined, at: number): ReleaseStatus => runClock({ ...before, ...stopClock(before, { now: at, reason }), phase: 'Held' }, at + 60_000);
    const both = stop(stop(status, undefined, startedAt), 'ProviderOutage', startedAt + 60_000);
    expect([both.gate?.startedAt, both.gate?.testFrom]).toEqual([isoTime(startedAt + 120_000), isoTime(startedAt + 60_000)]);
  });
});
