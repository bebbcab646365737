import type { ReleaseStatus, RolloutSpec } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { twoSteps } from './testing/observations.ts';
import { playRelease, steadyPast } from './testing/played-release.ts';
import type { PlayedLook } from './testing/played-release.ts';

const everyMs = 3_000;
const minute = 60_000 / everyMs;

function play(look: PlayedLook, minutes: number, gates: Partial<NonNullable<RolloutSpec['gates']>> = {}): ReleaseStatus {
  const rollout: Partial<RolloutSpec> = {
    ...twoSteps, steps: [{ weight: 10, duration: '2m' }, { weight: 50, duration: '2m' }],
    gates: { interval: '15s', minDuration: '6m', objectives: [{ name: 'success', role: 'Guard', successRate: { maxDropPoints: 2 } }], ...gates },
  };
  return playRelease(Array.from({ length: minutes * minute }, () => look), { rollout, everyMs, past: { ...steadyPast, podMilliseconds: 4 * 3_600_000 } });
}

const minutesOf = ({ phaseStartedAt = '', startedAt = '' }: ReleaseStatus): number => (Date.parse(phaseStartedAt) - Date.parse(startedAt)) / 60_000;

describe('objectives that are all guards', () => {
  const good = { stable: { requests: 90, bad: 2 }, canary: { requests: 10, bad: 0 } };

  it('promote by the times of the steps and minDuration, not before', () => {
    const end = play(good, 10);
    expect(end.phase).toBe('Promoted');
    expect(minutesOf(end)).toBeGreaterThanOrEqual(6);
    expect(minutesOf(end)).toBeLessThan(7);
    expect(end.transitions?.[1]?.message).toContain('no objective is a gate, so the times of the steps decide, and what is measured can only roll back; success: 0 bad of');
  });

  it('say so before they begin', () => {
    expect(play(good, 1).gate?.forecast?.message).toMatch(/no objective is a gate, so nothing has to be proven: the times of the steps decide, what is measured can only roll back, and nothing is promoted while none of it can be measured; a revision as good as the stable one takes: step 1 about 2 min, step 2 about 4 min, all of them about 6 min/);
  });

  it('never pass: nothing has been proven', () => {
    expect(play(good, 10).objectives?.map(({ verdict }) => verdict)).toEqual(['Inconclusive']);
  });

  it('take back what is worse', () => {
    expect(play({ ...good, canary: { requests: 10, bad: 3 } }, 10)).toMatchObject({ phase: 'RollingBack', reason: 'ObjectiveFailed' });
  });

  it('promote nothing where they have measured nothing', () => {
    const end = play(good, 59, { objectives: [{ name: 'tools', toolErrors: {} }] });
    expect(end).toMatchObject({ phase: 'Shifting', step: 0 });
    expect(end.message).toContain('missing data is never a pass');
  });
});

describe('a guard beside a gate', () => {
  it('that was never measured holds up no promotion, and the promotion says that it guarded nothing', () => {
    const good = { stable: { requests: 900, bad: 20 }, canary: { requests: 100, bad: 1 } };
    const end = play(good, 59, { objectives: [{ name: 'success', successRate: { maxDropPoints: 2 } }, { name: 'tools', toolErrors: {} }] });
    expect(end.phase).toBe('Promoted');
    expect(end.transitions?.find(({ phase }) => phase === 'Promoting' || phase === 'Promoted')?.message).toContain('; never measured, so it guarded nothing: tools');
  });
});

describe('a gate that was never measured', () => {
  it.each(['Promote', 'Pause', 'Rollback'] as const)('is never a pass, whatever the rollout makes of open questions: %s', (onInconclusive) => {
    const rollout: Partial<RolloutSpec> = {
      ...twoSteps, steps: [{ weight: 10, duration: '2m' }], maxDuration: '20m', onInconclusive,
      gates: { interval: '15s', minDuration: '6m', objectives: [{ name: 'success', successRate: { maxDropPoints: 2 } }, { name: 'tools', role: 'Gate', toolErrors: {} }] },
    };
    const good = { stable: { requests: 900, bad: 20 }, canary: { requests: 100, bad: 1 } };
    const end = playRelease(Array.from({ length: 30 * minute }, () => good), { rollout, everyMs, past: { ...steadyPast, podMilliseconds: 4 * 3_600_000 } });
    expect(end.phase).toBe(onInconclusive === 'Rollback' ? 'RollingBack' : 'AwaitingApproval');
    expect(end.objectives?.find(({ name }) => name === 'tools')?.verdict).not.toBe('Pass');
    expect(end.transitions?.map(({ phase }) => phase)).not.toContain('Promoting');
  });
});
