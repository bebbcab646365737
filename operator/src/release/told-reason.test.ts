import type { ReleaseStatus } from '@sluice/crds';
import { expect, it } from 'vitest';
import { toldReason } from './told-reason.ts';

it.each<[string, ReleaseStatus, string | undefined]>([
  ['what was promoted', { phase: 'Promoted', reason: 'Promoted' }, 'Promoted'],
  ['what a person took back', { phase: 'Promoted', reason: 'Promoted', undoTo: 'r1' }, 'Undone'],
  ['a first revision that a person took back', { phase: 'Promoted', reason: 'FirstRevision', undoTo: 'r1' }, 'Undone'],
  ['what its group took back', { phase: 'Promoted', reason: 'GroupRolledBack', undoTo: 'r1' }, 'GroupRolledBack'],
  ['what is on its way', { phase: 'Shifting', reason: 'StepStarted' }, 'StepStarted'],
  ['what has just begun', { phase: 'Preparing' }, undefined],
])('of %s', (_title, status, reason) => {
  expect(toldReason(status)).toBe(reason);
});
