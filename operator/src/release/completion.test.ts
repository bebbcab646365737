import type { ReleaseCompletion, ReleaseStatus, Transition } from '@sluice/crds';
import { expect, it } from 'vitest';
import { completionOf } from './completion.ts';
import { releaseIn, startedAt, twoSteps } from './testing/observations.ts';

function went(...path: readonly (readonly [Transition['phase'], string])[]): Transition[] {
  return path.map(([phase, reason]) => ({ phase, reason, at: new Date(startedAt).toISOString(), message: '' }));
}

const dark = { ...twoSteps, steps: [{ mirrorPercent: 10, duration: '1m' }, { weight: 0, duration: '1m' }, { weight: 20, duration: '1m' }] };

it.each<readonly [string, ReleaseStatus, ReleaseCompletion, typeof twoSteps]>([
  ['through its steps', { phase: 'Promoted', step: 1, transitions: went(['Shifting', 'StepStarted'], ['Promoting', 'AllStepsPassed']) }, 'Promoted', twoSteps],
  ['promoted before', { phase: 'Promoted', transitions: went(['Promoting', 'PromotedBefore']) }, 'FastPromoted', twoSteps],
  ['promoted in full', { phase: 'Promoted', step: 0, transitions: went(['Shifting', 'StepStarted'], ['Promoting', 'PromotedInFull']) }, 'FastPromoted', twoSteps],
  ['promoted in full, and suspended on the way', { phase: 'Promoted', step: 0, transitions: went(['Shifting', 'StepStarted'], ['Promoting', 'PromotedInFull'], ['Held', 'Suspended'], ['Promoting', 'GoesOn'], ['Promoting', 'SpecUnreadable']) }, 'FastPromoted', twoSteps],
  ['failed its evaluation', { phase: 'RolledBack', transitions: went(['Evaluating', 'EvaluationStarted'], ['RolledBack', 'EvaluationFailed']) }, 'FastRolledBack', twoSteps],
  ['failed on users', { phase: 'RolledBack', step: 0, transitions: went(['Shifting', 'StepStarted'], ['RollingBack', 'ObjectiveFailed']) }, 'RolledBack', twoSteps],
  ['failed on copies', { phase: 'RolledBack', step: 0, transitions: went(['Shifting', 'StepStarted']) }, 'FastRolledBack', dark],
  ['failed in the dark', { phase: 'RolledBack', step: 1, transitions: went(['Shifting', 'StepStarted']) }, 'FastRolledBack', dark],
  ['failed after the dark', { phase: 'RolledBack', step: 2, transitions: went(['Shifting', 'StepStarted']) }, 'RolledBack', dark],
  ['aborted', { phase: 'Aborted', step: 0 }, 'Aborted', twoSteps],
  ['superseded', { phase: 'Superseded', step: 0 }, 'Superseded', twoSteps],
])('%s', (_name, status, completion, rollout) => {
  const minute = 60_000;
  const release = releaseIn({ ...status, durations: { pausedMilliseconds: minute, heldMilliseconds: 2 * minute } }, rollout);
  expect(completionOf(release, startedAt + 10 * minute)).toEqual({
    completion,
    finishedAt: new Date(startedAt + 10 * minute).toISOString(),
    durations: { pausedMilliseconds: minute, heldMilliseconds: 2 * minute, totalMilliseconds: 10 * minute, activeMilliseconds: 7 * minute },
  });
});
