import type { ReleaseStatus } from '@sluice/crds';
import { expect, it } from 'vitest';
import { evidence, releaseIn, startedAt } from '../../release/testing/observations.ts';
import { windowOf } from './window.ts';

const at = new Date(startedAt).toISOString();
const step: ReleaseStatus = { stepStartedAt: at, evidence: evidence(startedAt, { requests: 7, bad: 0 }) };

it.each<readonly [string, ReleaseStatus, string | undefined]>([
  ['a step whose clock runs', { ...step, phase: 'Shifting' }, `uid-2/${at}`],
  ['a step whose traffic is not there yet, for the forecast', { phase: 'Shifting' }, 'uid-2/evaluation'],
  ['a paused step', { ...step, phase: 'Paused', stop: { phase: 'Shifting', since: at } }, `uid-2/${at}`],
  ['waiting for approval', { ...step, phase: 'AwaitingApproval' }, `uid-2/${at}`],
  ['an evaluation', { phase: 'Evaluating', startedAt: at }, 'uid-2/evaluation'],
  ['an evaluation that an outage holds', { phase: 'Held', startedAt: at, stop: { phase: 'Evaluating', since: at, reason: 'ProviderOutage' } }, 'uid-2/evaluation'],
  ['promoting', { ...step, phase: 'Promoting' }, undefined],
  ['the end', { ...step, phase: 'RolledBack' }, undefined],
])('%s', (_name, status, windowId) => {
  expect(windowOf(releaseIn(status))?.windowId).toBe(windowId);
});

it('counts nothing against a revision that is being evaluated', () => {
  expect(windowOf(releaseIn({ phase: 'Evaluating', startedAt: at }))?.previous).toMatchObject({ since: at, stable: { requests: 0 }, canary: { requests: 0 } });
});

it('looks at nobody while the first revision is evaluated', () => {
  const { spec: { stableRevision: _none, ...spec }, ...release } = releaseIn({ phase: 'Evaluating', startedAt: at });
  expect(windowOf({ ...release, spec })).toBeUndefined();
});

it('reads nobody before the first step of a release without objectives, which needs no forecast', () => {
  const { spec, ...release } = releaseIn({ phase: 'Shifting' });
  const { gates: _none, ...rollout } = spec.rollout ?? {};
  expect(windowOf({ ...release, spec: { ...spec, rollout: rollout as typeof spec.rollout & object } })).toBeUndefined();
});
