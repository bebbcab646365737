import type { Condition } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { type Attempt, attemptConditions, type Standing } from './attempt.ts';
import { faultsOf, type KStatus, kstatusOf } from './testing/kstatus.ts';

const now = Date.parse('2026-11-21T10:00:00.000Z');
const later = now + 60_000;
const attempt = (changes: Partial<Attempt>): Attempt => ({ standing: 'UnderWay', reason: 'StepBegan', message: 'Step 1 of 2: 20 %', generation: 3, now, before: undefined, ...changes });
const statuses = (conditions: readonly Condition[]): Record<string, string> => Object.fromEntries(conditions.map(({ type, status }) => [type, status]));

describe('the conditions of an attempt', () => {
  it.each<readonly [Standing, KStatus, Record<string, string>]>([
    ['UnderWay', 'InProgress', { Ready: 'False', Reconciling: 'True', Stalled: 'False' }],
    ['WaitsForPerson', 'InProgress', { Ready: 'False', Reconciling: 'False', Stalled: 'False' }],
    ['Done', 'Current', { Ready: 'True', Reconciling: 'False', Stalled: 'False' }],
    ['Ended', 'Failed', { Ready: 'False', Reconciling: 'False', Stalled: 'True' }],
  ])('of one that is %s are %s to kstatus', (standing, kstatus, expected) => {
    const conditions = attemptConditions(attempt({ standing }));
    const seen = { metadata: { generation: 3 }, status: { observedGeneration: 3, conditions } };
    expect(statuses(conditions)).toEqual(expected);
    expect(kstatusOf(seen)).toBe(kstatus);
    expect(faultsOf(seen)).toEqual([]);
    expect(conditions.find(({ type }) => type === 'Ready')).toMatchObject({ reason: 'StepBegan', message: 'Step 1 of 2: 20 %' });
  });

  it('keep the time of a status that stays, whatever is said, and have a new one for each that turns', () => {
    const first = attemptConditions(attempt({}));
    const second = attemptConditions(attempt({ message: 'Step 2 of 2: 50 %', reason: 'StepPassed', now: later, before: first }));
    expect(second.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual(first.map(({ lastTransitionTime }) => lastTransitionTime));
    const third = attemptConditions(attempt({ standing: 'Ended', reason: 'ObjectiveFailed', now: later, before: second }));
    expect(Object.fromEntries(third.map(({ type, lastTransitionTime }) => [type, Date.parse(lastTransitionTime)]))).toEqual({ Ready: now, Reconciling: later, Stalled: later });
  });

  it('are within the bound of a condition', () => {
    const long = 'admission webhook "it" denied the request: '.repeat(1_000);
    for (const standing of ['UnderWay', 'WaitsForPerson', 'Done', 'Ended'] as const) {
      for (const { message } of attemptConditions(attempt({ standing, message: long }))) expect(message.length).toBeLessThanOrEqual(16_384);
    }
  });

  it('do not make up a generation', () => {
    for (const condition of attemptConditions(attempt({ generation: undefined }))) expect(condition).not.toHaveProperty('observedGeneration');
  });
});
