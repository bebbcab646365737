import type { ReleaseCompletion, ReleaseStatus, RolloutSpec, RolloutStep } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { hadTraffic, hasMetNobody } from './exposure.ts';
import { advance } from './machine.ts';
import type { ReleaseObservation } from './observation.ts';
import { observed, releaseIn, startedAt, twoSteps } from './testing/observations.ts';

const clock = { stepStartedAt: new Date(startedAt).toISOString() };
const serving = { replicas: 4, ready: 4, revision: 'new' };
const copies: RolloutStep = { mirrorPercent: 10, duration: '10m' };
const { gates: _gates, ...ungated } = twoSteps;

const withSteps = (...steps: readonly RolloutStep[]): RolloutSpec => ({ ...ungated, steps: [...steps] });

/** The spec asks for `edited` while a release is where `status` says; then somebody aborts it, or its pods crash, and all of its pods go. */
function taken(status: ReleaseStatus, { began, edited }: { readonly began: RolloutSpec; readonly edited: RolloutSpec }): ReleaseStatus {
  const release = releaseIn(status, began);
  const seen: Partial<ReleaseObservation> = { rollout: edited, traffic: { router: 'Gateway', state: 'Verified', actualWeight: 0 } };
  const after = advance(observed({}, { ...seen, release, canary: serving })).status;
  const back: ReleaseObservation['veto'] = { reason: 'GroupRolledBack', message: 'another one failed' };
  const rolling = advance(observed({}, { ...seen, release: releaseIn(after, began), canary: serving, veto: back })).status;
  return advance(observed({}, { ...seen, release: releaseIn(rolling, began), canary: { ...serving, replicas: 0, ready: 0 } })).status;
}

describe('what a release says of its end goes by what it had, not by the plan of that moment', () => {
  const approval = { policy: 'Required', timeout: '1h', onTimeout: 'RollBack' } as const;
  it.each<readonly [string, ReleaseStatus, RolloutSpec, RolloutSpec, ReleaseCompletion]>([
    ['steps edited to none, which asks for an approval', { phase: 'Shifting', step: 1, weight: 20, ...clock }, withSteps({ weight: 5, duration: '10m' }, { weight: 20, duration: '10m' }), { ...withSteps(), approval }, 'RolledBack'],
    ['steps edited to copies alone', { phase: 'Shifting', step: 0, weight: 20, ...clock }, withSteps({ weight: 20, duration: '10m' }), withSteps(copies), 'RolledBack'],
    ['steps edited to requests that ask for it', { phase: 'Shifting', step: 0, weight: 20, ...clock }, withSteps({ weight: 20, duration: '10m' }), withSteps({ weight: 0, duration: '10m' }), 'RolledBack'],
    ['the same plan', { phase: 'Shifting', step: 0, weight: 20, ...clock }, withSteps({ weight: 20, duration: '10m' }), withSteps({ weight: 20, duration: '10m' }), 'RolledBack'],
    ['a step with weight put before the copies that it is at', { phase: 'Shifting', step: 0, weight: 0, mirrorPercent: 10, highestWeight: 0, ...clock }, withSteps(copies), withSteps({ weight: 20, duration: '10m' }, copies), 'FastRolledBack'],
  ])('%s', (_name, status, began, edited, completion) => {
    expect(taken(status, { began, edited })).toMatchObject({ phase: 'RolledBack', completion });
  });

  it('keeps the highest of all weights', () => {
    const began = withSteps({ weight: 20, duration: '10m' }, { weight: 50, duration: '10m' });
    const release = releaseIn({ phase: 'Shifting', step: 1, weight: 50, highestWeight: 50, ...clock }, began);
    expect(advance(observed({}, { release, canary: serving, rollout: withSteps({ weight: 10, duration: '10m' }) })).status).toMatchObject({ weight: 10, highestWeight: 50 });
  });

  it('goes by the plan where an older operator kept no record', () => {
    const status: ReleaseStatus = { phase: 'RollingBack', step: 1, weight: 0 };
    expect(hadTraffic(releaseIn(status, twoSteps))).toBe(true);
    expect(hadTraffic(releaseIn({ ...status, step: 0 }, withSteps(copies)))).toBe(false);
  });
});

it.each<readonly [string, ReleaseStatus, number | undefined, boolean]>([
  ['its first step waits for pods', { step: 0, weight: 20 }, 0, true],
  ['a step after one that was left out waits for pods', { step: 1, weight: 50 }, 0, true],
  ['a pod of it is ready', { step: 0, weight: 20 }, 1, false],
  ['nobody knows of its pods', { step: 0, weight: 20 }, undefined, false],
  ['its step runs, and its pods have died', { step: 0, weight: 20, ...clock }, 0, false],
  ['an edited step has not begun, after one that had', { step: 0, weight: 40, crashes: { since: '2026-11-21T10:00:00.000Z' } as never }, 0, false],
])('whether it has met nobody: %s', (_name, status, ready, expected) => {
  expect(hasMetNobody({ release: { status }, ...(ready === undefined ? {} : { canary: { ready } }) })).toBe(expected);
});
