import type { ReleaseStatus, RolloutStep } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { advance } from './machine.ts';
import { evidence, observed, releaseIn, startedAt, twoSteps } from './testing/observations.ts';

const at = (ms: number): string => new Date(startedAt + ms).toISOString();
const canary = { revision: 'new', replicas: 1, ready: 1 };
const clock = { stepStartedAt: at(0), evidence: evidence(startedAt, { requests: 0, bad: 0 }, { requests: 0, bad: 0 }) };
const began = { ...twoSteps, steps: [5, 20, 50].map((weight) => ({ weight, duration: '10m' })) };

function steps(...weights: readonly number[]): RolloutStep[] {
  return weights.map((weight) => ({ weight, duration: '10m' }));
}

describe('steps that are edited in mid-release', () => {
  it.each<readonly [string, number, readonly RolloutStep[], Partial<ReleaseStatus>, 'runs' | 'new']>([
    ['a step before: the position moves, the clock runs on', 1, steps(5, 10, 20, 50), { step: 2, weight: 20 }, 'runs'],
    ['a step before taken out', 1, steps(20, 50), { step: 0, weight: 20 }, 'runs'],
    ['a step after', 1, steps(5, 20, 30, 50), { step: 1, weight: 20 }, 'runs'],
    ['another duration', 1, [{ weight: 5, duration: '1m' }, { weight: 20, duration: '1h' }], { step: 1, weight: 20 }, 'runs'],
    ['its own weight raised', 1, steps(5, 25, 50), { step: 1, weight: 25 }, 'new'],
    ['its own step taken out: the next that asks for more', 1, steps(5, 50), { step: 1, weight: 50 }, 'new'],
    ['all below what it has: users asked for less', 2, steps(5, 10), { step: 1, weight: 10 }, 'new'],
  ])('%s', (_name, step, edited, expected, clockState) => {
    const status: ReleaseStatus = { phase: 'Shifting', step, weight: began.steps[step]!.weight, ...clock };
    const next = advance(observed(status, { canary: { ...canary, replicas: 4, ready: 4 }, now: startedAt + 1_000, release: releaseIn(status, began), rollout: { ...began, steps: [...edited] }, stable: { revision: 'old', replicas: 4, ready: 4 } })).status;
    expect(next).toMatchObject({ phase: 'Shifting', rollout: { steps: edited }, ...expected });
    expect(next.stepStartedAt).toBe(clockState === 'runs' ? at(0) : at(1_000));
  });

  it.each<readonly [string, number, readonly RolloutStep[]]>([
    ['the second of two that copy', 1, [{ mirrorPercent: 10, duration: '10m' }, { mirrorPercent: 50, duration: '10m' }, ...steps(20)]],
    ['the second of two that copy, the first more', 1, [{ mirrorPercent: 50, duration: '10m' }, { mirrorPercent: 10, duration: '10m' }, ...steps(20)]],
    ['the second of two with the same weight', 2, [{ weight: 5, duration: '10m' }, { weight: 20, duration: '10m', marginFactor: 3 }, { weight: 20, duration: '10m' }]],
  ])('do not send it back where its own is as it was: %s', (_name, step, plan) => {
    const { weight = 0, mirrorPercent } = plan[step]!;
    const status: ReleaseStatus = { phase: 'Shifting', step, weight, ...(mirrorPercent === undefined ? {} : { mirrorPercent }), ...clock };
    const edited = { ...began, steps: plan.map((each) => ({ ...each, duration: '11m' })) };
    const traffic = { router: 'Gateway', state: 'Verified', actualWeight: weight, ...(mirrorPercent === undefined ? {} : { mirrorPercent }) } as const;
    const next = advance(observed(status, { canary: { ...canary, replicas: 4, ready: 4 }, traffic, release: releaseIn(status, { ...began, steps: [...plan] }), rollout: edited })).status;
    expect(next).toMatchObject({ phase: 'Shifting', step, weight, stepStartedAt: at(0), rollout: { steps: edited.steps } });
    expect(next.mirrorPercent).toBe(mirrorPercent);
  });

  it('finds what copies more than it does, not the first that copies', () => {
    const plan: RolloutStep[] = [{ mirrorPercent: 10, duration: '10m' }, { mirrorPercent: 50, duration: '10m' }, ...steps(20)];
    const status: ReleaseStatus = { phase: 'Shifting', step: 1, weight: 0, mirrorPercent: 50, ...clock };
    const rollout = { ...began, steps: [plan[0]!, { mirrorPercent: 60, duration: '10m' }, ...steps(20)] };
    expect(advance(observed(status, { canary, release: releaseIn(status, { ...began, steps: plan }), rollout })).status).toMatchObject({ step: 1, mirrorPercent: 60 });
  });

  it('leaves no trace when the edit is taken back', () => {
    const status: ReleaseStatus = { phase: 'Shifting', step: 1, weight: 20, ...clock, rollout: { ...began, steps: steps(5, 20) } };
    expect(advance(observed(status, { canary, release: releaseIn(status, began), rollout: began })).status).not.toHaveProperty('rollout');
  });

  it('does not begin again, nor lose an evaluation that passed', () => {
    const status: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 5, ...clock, transitions: [] };
    const next = advance(observed(status, { canary, release: releaseIn(status, began), rollout: { ...began, steps: steps(10) } })).status;
    expect(next.transitions?.map(({ phase, reason }) => `${phase} ${reason}`)).toEqual(['Shifting PlanEdited']);
  });

  it.each([2, 40])('do not let a paused release go on: it keeps what it has until then (%i %%)', (edited) => {
    const status: ReleaseStatus = { phase: 'Paused', step: 0, weight: 5, ...clock, stop: { phase: 'Shifting', since: at(0) } };
    const rollout = { ...began, steps: steps(edited) };
    const next = advance(observed(status, { canary, release: releaseIn(status, began), rollout })).status;
    expect(next).toMatchObject({ phase: 'Paused', step: 0, weight: 5, rollout: { steps: rollout.steps }, stop: { phase: 'Shifting' }, stepStartedAt: at(0) });
    const resumed = releaseIn(next, began);
    const wish = { verb: 'Resume', revision: 'new', requestId: 'go-on' } as const;
    expect(advance(observed(next, { canary, release: { ...resumed, spec: { ...resumed.spec, intent: wish } }, rollout })).status).toMatchObject({ phase: 'Shifting', reason: 'PlanEdited', weight: edited });
  });

  it('do not raise the weight in a freeze', () => {
    const status: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 5, ...clock };
    const rollout = { ...began, steps: steps(40) };
    const next = advance(observed(status, { canary, release: releaseIn(status, began), rollout, hindrances: [{ reason: 'Freeze', message: 'frozen' }] })).status;
    expect(next).toMatchObject({ phase: 'Held', weight: 5, rollout: { steps: rollout.steps } });
  });

  it('promotes when the spec asks for no steps any more', () => {
    const status: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 5, ...clock };
    const { steps: _none, gates: _noGates, ...without } = began;
    expect(advance(observed(status, { canary, release: releaseIn(status, began), rollout: without })).status).toMatchObject({ phase: 'Promoting', reason: 'NoSteps' });
  });
});

describe('what ends a release from any phase', () => {
  const overdue = { now: startedAt + 2 * 3_600_000 };

  it('maxDuration ends one that waits for its evaluations where another revision serves, and never a first release: there is nothing to go back to', () => {
    expect(advance(observed({ phase: 'Evaluating' }, overdue)).status).toMatchObject({ phase: 'RolledBack', reason: 'MaxDurationExceeded' });
    const release = releaseIn({ phase: 'Evaluating' });
    const { stableRevision: _none, ...spec } = release.spec;
    const { stable: _nobody, ...first } = observed({ phase: 'Evaluating' }, { ...overdue, release: { ...release, spec } });
    expect(advance(first).status).toMatchObject({ phase: 'Evaluating' });
  });

  it('another spec takes the copies of requests away with the weight', () => {
    const status: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 0, mirrorPercent: 50, ...clock };
    const { status: ended } = advance(observed(status, { canary, superseded: { reason: 'SpecChanged', revision: 'newer' } }));
    expect(ended).toMatchObject({ phase: 'Superseded', weight: 0 });
    expect(ended).not.toHaveProperty('mirrorPercent');
  });

  it('an abort takes the copies of requests away at once, and does not wait for its pods to leave', () => {
    const status: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 0, mirrorPercent: 50, ...clock };
    const asked = releaseIn(status);
    const { status: back } = advance(observed(status, { canary, release: { ...asked, spec: { ...asked.spec, intent: { verb: 'Abort', revision: 'new', requestId: 'a1' } } } }));
    expect(back).toMatchObject({ phase: 'RollingBack', weight: 0 });
    expect(back).not.toHaveProperty('mirrorPercent');
  });
});
