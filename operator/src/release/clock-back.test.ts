import { expect, it } from 'vitest';
import { replay, stateIn } from '../gates/release-gate/index.ts';
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
