import type { Condition } from '@sluice/crds';
import { expect, it } from 'vitest';
import { transitionTime } from './transition-time.ts';

const now = Date.parse('2026-11-21T10:00:00.000Z');
const ready: Condition = { type: 'Ready', status: 'True', reason: 'Serving', message: '', lastTransitionTime: '2026-11-20T08:00:00Z' };

it.each<readonly [string, Condition['status'], readonly Condition[] | undefined, string]>([
  ['is kept while its status stays', 'True', [ready], ready.lastTransitionTime],
  ['is that of now when its status turns', 'False', [ready], '2026-11-21T10:00:00.000Z'],
  ['is that of now where there was none of the type', 'True', [{ ...ready, type: 'Available' }], '2026-11-21T10:00:00.000Z'],
  ['is that of now where nothing is stored', 'True', undefined, '2026-11-21T10:00:00.000Z'],
])('the time of a condition %s', (_title, status, stored, expected) => {
  expect(transitionTime({ type: 'Ready', status }, { stored, now })).toBe(expected);
});
