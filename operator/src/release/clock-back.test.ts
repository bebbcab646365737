import { describe, expect, it } from 'vitest';
import { isoTime } from '../evidence/clock-time.ts';
import { emptyEvidence } from '../evidence/empty-evidence.ts';
import { clockWentBack, replay, stateIn } from '../gates/release-gate/index.ts';
import { advance } from './machine.ts';
import { putBack } from './stopped-clock.ts';
import { observed } from './testing/observations.ts';
import { playRelease, type PlayedLook } from './testing/played-release.ts';

const everyMs = 3_000;
const ahead = 30 * 60_000;
const good: PlayedLook = { canary: { requests: 3, bad: 0 }, stable: { requests: 27, bad: 1 } };
const bad: PlayedLook = { ...good, canary: { requests: 3, bad: 2 } };
const gates = { interval: '15s', minDuration: '45m', objectives: [{ name: 'success', successRate: {} }] };
const times = (count: number, look: PlayedLook): PlayedLook[] => Array.from({ length: count }, () => look);

/** Somebody whose clock is ahead looks six times. */
const lease = [...times(40, good), ...times(6, { ...good, aheadMs: ahead })];
const play = (looks: readonly PlayedLook[]) => playRelease(looks, { everyMs, requestTimeoutMs: 60_000, rollout: { maxDuration: '2h', gates } });

it('a clock that was ahead for a while does not blind the gates until its time has come', () => {
  expect(play([...lease, ...times(100, bad)])).toMatchObject({ phase: 'RollingBack', reason: 'ObjectiveFailed' });
});

it('says so, keeps what was bet, and settles anew', () => {
  const before = stateIn(play(lease).gate?.state ?? '');
  const { objectives, gate } = play([...lease, good]);
  expect(objectives?.[0]).toMatchObject({ verdict: 'NotMeasured' });
  expect(objectives?.[0]?.message).toContain('the clock went back by 17');
  const { lastScrapeAt: _then, ...kept } = before;
  expect(stateIn(gate?.state ?? '')).toMatchObject({ ...kept, freshStarts: 0 });
  expect(Date.parse(gate?.weightSince ?? '')).toBeGreaterThan(Date.parse(gate?.startedAt ?? ''));
});

it('can be replayed, and goes on', () => {
  const { gate } = play([...lease, ...times(100, good)]);
  expect(gate?.log.length).toBeGreaterThan(15);
  expect(gate === undefined ? undefined : replay(gate).at(-1)?.state).toEqual(stateIn(gate?.state ?? ''));
});

it('a clock that goes back after the phase changed while it was ahead does not blind the gates either', () => {
  const early: PlayedLook = { ...good, aheadMs: ahead };
  const moved = [...times(40, good), { ...early, asks: 'Pause' as const }, { ...early, asks: 'Resume' as const }, early];
  expect(Date.parse(play(moved).phaseStartedAt ?? '')).toBeGreaterThan(ahead + Date.parse(play(times(40, good)).stepStartedAt ?? ''));
  expect(play([...moved, ...times(100, bad)])).toMatchObject({ phase: 'RollingBack', reason: 'ObjectiveFailed' });
  expect(play([...times(40, good), early, { ...early, asks: 'Pause' }, early, ...times(100, bad)])).toMatchObject({ phase: 'RollingBack', reason: 'ObjectiveFailed' });
});

it('neither does a window that began anew while it was ahead', () => {
  const { gate, startedAt } = play(times(40, good));
  const now = Date.parse(gate?.startedAt ?? startedAt ?? '') + 120_000;
  const rewound = gate === undefined ? undefined : clockWentBack(gate, emptyEvidence(isoTime(now + ahead)), now);
  expect(rewound).toMatchObject({ byMs: ahead, evidence: { since: isoTime(now) } });
});

describe('a status on a clock that has gone back', () => {
  const now = Date.parse('2026-01-01T12:00:00.000Z');
  const at = (ms: number) => isoTime(now + ms);

  it('has no time that is yet to come, and keeps those that are over', () => {
    const status = {
      phase: 'Held', startedAt: at(-60_000), phaseStartedAt: at(ahead), stepStartedAt: at(ahead), unreadySince: at(ahead), approval: { requestedAt: at(ahead) }, stop: { phase: 'Shifting', since: at(ahead) },
      gate: { policy: {}, measures: [], from: '', state: '', log: [], startedAt: at(-1_000), testFrom: at(ahead), weightSince: at(ahead) },
    } as const;
    const changed = { phaseStartedAt: at(0), stepStartedAt: at(0), unreadySince: at(0), approval: { requestedAt: at(0) }, stop: { phase: 'Shifting', since: at(0) } };
    expect(putBack({ ...status, gate: { ...status.gate, measures: [], log: [] } }, now)).toEqual({ ...status, ...changed, gate: { ...status.gate, testFrom: at(0), weightSince: at(0) } });
  });

  it('has not stood for longer than it has been there', () => {
    const durations = { pausedMilliseconds: 2 * ahead, heldMilliseconds: ahead };
    expect(putBack({ phase: 'Shifting', startedAt: at(-ahead), phaseStartedAt: at(ahead), durations }, now).durations).toEqual({ pausedMilliseconds: ahead, heldMilliseconds: 0 });
  });

  it('waits for one that is a little behind, as those of replicas are', () => {
    const status = { phase: 'Shifting', phaseStartedAt: at(15_000), stepStartedAt: at(15_000) } as const;
    expect(putBack(status, now)).toBe(status);
  });

  it('stays as it is where the release has ended', () => {
    const status = { phase: 'Promoted', phaseStartedAt: at(ahead) } as const;
    expect(advance(observed(status, { now })).status).toMatchObject(status);
  });
});
