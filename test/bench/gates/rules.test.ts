import { describe, expect, test } from 'vitest';
import { argoRollouts } from './argo-rollouts.ts';
import { flagger } from './flagger.ts';
import { successRate } from './rule.ts';

const good = { nc: 100, xc: 0, ns: 900, xs: 0 };
const bad = { nc: 100, xc: 50, ns: 900, xs: 0 };
const none = { nc: 0, xc: 0, ns: 0, xs: 0 };
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('the success rate of a window', () => {
  test('is that of its minutes, fewer at the start, and not a number without requests', () => {
    expect(successRate([bad, good, good], 3, 2)).toBe(1);
    expect(successRate([bad, good], 2, 5)).toBe(0.75);
    expect(successRate([none], 1, 5)).toBeNaN();
  });
});

describe("Argo Rollouts' rule", () => {
  const rule = argoRollouts('argo', 'Argo', { threshold: 0.95, failureLimit: 3, interval: 1, window: 1 });

  test.each([
    ['promotes when all was measured', times(10, good), { verdict: 'Promote', minutes: 10 }],
    ['fails with the fourth failed measurement', times(10, bad), { verdict: 'Rollback', minutes: 4 }],
    ['counts failures that are not consecutive', [bad, good, bad, good, bad, good, bad, good], { verdict: 'Rollback', minutes: 7 }],
    ['takes a result that is not a number for a failure', times(10, none), { verdict: 'Rollback', minutes: 4 }],
    ['tolerates three', [bad, bad, bad, good], { verdict: 'Promote', minutes: 4 }],
  ] as const)('%s', (_, minutes, expected) => {
    expect(rule.decide(minutes)).toEqual(expected);
  });

  test('looks only every interval', () => {
    const slow = argoRollouts('argo', 'Argo', { threshold: 0.95, failureLimit: 0, interval: 5, window: 5 });
    expect(slow.decide(times(10, bad))).toEqual({ verdict: 'Rollback', minutes: 5 });
  });
});

describe("Flagger's rule", () => {
  const rule = flagger('flagger', 'Flagger', { threshold: 0.99, failedChecks: 5, steps: 10 });

  test.each([
    ['promotes after ten passed checks', times(20, good), { verdict: 'Promote', minutes: 10 }],
    ['rolls back with the fifth failed one', times(20, bad), { verdict: 'Rollback', minutes: 5 }],
    ['goes on where it was after a failed check', [bad, bad, ...times(18, good)], { verdict: 'Promote', minutes: 12 }],
    ['takes no data for a failed check', times(20, none), { verdict: 'Rollback', minutes: 5 }],
    ['is undecided when the time is up', times(4, good), { verdict: 'Undecided', minutes: 4 }],
  ] as const)('%s', (_, minutes, expected) => {
    expect(rule.decide(minutes)).toEqual(expected);
  });
});
