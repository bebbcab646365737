import type { ReleaseStatus, RolloutSpec } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { replay, stateIn } from '../gates/release-gate/index.ts';
import { playRelease, unread, type PlayedLook } from './testing/played-release.ts';

const everyMs = 3_000;
const gates = { interval: '15s', minDuration: '0s', objectives: [{ name: 'success', successRate: {} }] };
const good: PlayedLook = { canary: { requests: 3, bad: 0 }, stable: { requests: 27, bad: 1 } };
const times = (count: number, look: PlayedLook): PlayedLook[] => Array.from({ length: count }, () => look);
const minutes = 60_000 / everyMs;

function after(looks: readonly PlayedLook[], rollout: Partial<RolloutSpec> = {}): ReleaseStatus {
  return playRelease([...times(6, good), ...looks], { everyMs, rollout: { gates, ...rollout } });
}

describe('one pod that cannot be read does not switch the gates off', () => {
  const missed: PlayedLook = { ...good, scrape: 'Missed' };

  it('a new revision that fails is rolled back by what was read', () => {
    const status = after(times(10 * minutes, { ...missed, canary: { requests: 3, bad: 2 } }));
    expect(status).toMatchObject({ phase: 'RollingBack', reason: 'ObjectiveFailed' });
  });

  it('a good one is not promoted, and it is said why', () => {
    const status = after(times(10 * minutes, { ...missed, canary: { requests: 300, bad: 0 }, stable: { requests: 2_700, bad: 54 } }));
    expect(status).toMatchObject({ phase: 'Shifting', objectives: [{ verdict: 'NotMeasured' }] });
    expect(status.message).toContain('missing data is never a pass');
    expect(status.message).toContain(unread);
    expect(status.objectives?.[0]?.message).toContain(unread);
  });

  it('the deadline is decided', () => {
    const looks = times(15 * minutes, missed);
    expect(after(looks, { maxDuration: '10m' })).toMatchObject({ phase: 'AwaitingApproval' });
    expect(after(looks, { maxDuration: '10m', onInconclusive: 'Rollback' })).toMatchObject({ phase: 'RollingBack' });
    expect(after(looks, { maxDuration: '10m', onInconclusive: 'Promote' })).toMatchObject({ phase: 'AwaitingApproval' });
  });

  it('the log says so, and a replay comes to the same', () => {
    const { gate } = after([...times(3 * minutes, missed), ...times(2 * minutes, good)]);
    expect(gate?.log.filter((line) => line.includes(' partial=1 '))).toHaveLength(3);
    expect(gate?.log.at(-1)).not.toContain('partial');
    expect(gate === undefined ? undefined : replay(gate).at(-1)?.state).toEqual(stateIn(gate?.state ?? ''));
  });

  it('what was not read yet proves nothing, and is proof with the rest', () => {
    const many: PlayedLook = { canary: { requests: 60, bad: 0 }, stable: { requests: 540, bad: 10 } };
    expect(after(times(2 * minutes, { ...many, scrape: 'Missed' })).phase).toBe('Shifting');
    expect(after([...times(2 * minutes, { ...many, scrape: 'Missed' }), ...times(minutes, many)]).phase).toBe('Promoted');
  });
});
