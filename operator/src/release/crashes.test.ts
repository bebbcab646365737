import type { CrashCount } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { judgeCrashes } from './crashes.ts';
import type { WatchedPod } from './observation.ts';

const minute = 60_000;
const names = { canary: 'new', stable: 'old' };

interface Numbers {
  readonly canary: number;
  readonly stable: number;
  readonly expected: number;
  readonly alone?: number;
  /** Crashes of the stable revision, and pod-minutes, before. */
  readonly before?: readonly [number, number];
  /** Pod-minutes of the new and of the stable revision in the release. */
  readonly ran?: readonly [number, number];
}

function count({ canary, stable, expected, alone = 0, before: [crashes, minutes] = [0, 0], ran: [ran, stableRan] = [2, 8] }: Numbers): CrashCount {
  const side = (of: number, podMinutes: number) => ({ crashes: of, ofLeaving: 0, podMilliseconds: podMinutes * minute, pods: [] });
  return { since: '', until: '', before: { crashes, podMilliseconds: minutes * minute }, expected, alone, canary: side(canary, ran), stable: side(stable, stableRan) };
}

const pods = (...states: WatchedPod['state'][]) => ({ watched: states.map((state, index) => ({ uid: `c${index}`, crashes: 1, state })) });
const day = 1_440;

interface Case extends Numbers {
  readonly name: string;
  readonly pods?: readonly WatchedPod['state'][];
  readonly kind: 'Few' | 'Shared' | 'Excess';
  readonly says?: string;
}

const cases: readonly Case[] = [
  { name: 'nothing crashed', canary: 0, stable: 0, expected: 0, kind: 'Few' },
  { name: 'two crashes are no finding', canary: 2, stable: 0, expected: 0.2, before: [0, 9 * day], kind: 'Few' },
  { name: 'two crashes of the only pod are no loop yet', canary: 2, stable: 0, expected: 0.2, pods: ['CrashLoop'], kind: 'Few' },
  {
    name: 'seven of half of the pods, where the stable revision never crashed', canary: 7, stable: 0, expected: 3.5, before: [0, day], kind: 'Excess',
    says: 'Containers of revision new crashed 7 times in 2 pod-minutes, meanwhile those of revision old 0 times in 8 pod-minutes, more than its share of the pods explains; those crashed 0 times in 24 pod-hours before (chance: below 1 %)',
  },
  { name: 'three of half of the pods, which may as well be the first of both', canary: 3, stable: 0, expected: 1.5, before: [0, day], kind: 'Shared' },
  { name: 'seven of half of the pods, where it crashed that often before', canary: 7, stable: 0, expected: 3.5, before: [5_000, day], kind: 'Shared' },
  { name: 'three, where it crashed that often before', canary: 3, stable: 0, expected: 1.5, before: [2_000, day], kind: 'Shared' },
  { name: 'three of one pod beside nine in the same time', canary: 3, stable: 0, expected: 0.3, kind: 'Excess', says: 'which is more than pods that crash equally often explain' },
  { name: 'three of one pod beside one new one', canary: 3, stable: 0, expected: 1.5, before: [0, 4], kind: 'Shared' },
  { name: 'many of one pod beside one new one', canary: 9, stable: 0, expected: 4.5, before: [0, 4], kind: 'Excess' },
  { name: 'a node problem that restarts all', canary: 3, stable: 27, expected: 3, before: [0, day], kind: 'Shared', says: 'Containers of revision new crashed 3 times in 2 pod-minutes, meanwhile those of revision old 27 times in 8 pod-minutes: no more than those explain' },
  { name: 'a node problem, and three on top', canary: 6, stable: 27, expected: 3.3, before: [0, day], kind: 'Shared' },
  { name: 'a node problem, and far more', canary: 20, stable: 27, expected: 4.7, before: [0, day], kind: 'Excess' },
  { name: 'a shared crash does not hide a crash loop', canary: 12, stable: 1, expected: 2.6, before: [0, day], kind: 'Excess' },
  { name: 'every pod loops, whatever the stable one does', canary: 3, stable: 300, expected: 30, pods: ['CrashLoop', 'CrashLoop', 'Leaving'], kind: 'Excess', says: 'and every pod of it is in CrashLoopBackOff' },
  { name: 'one of two loops, as the stable one does', canary: 3, stable: 27, expected: 3, pods: ['CrashLoop', 'Up'], kind: 'Shared' },
  { name: 'all are leaving, which is no loop', canary: 3, stable: 27, expected: 3, pods: ['Leaving'], kind: 'Shared' },
  { name: 'nothing to compare with', canary: 3, stable: 0, expected: 0, alone: 3, ran: [2, 0], kind: 'Excess', says: '3 times of these while no pod of revision old was there to compare with' },
  { name: 'alone in a step of all the traffic, far more seldom than the stable revision before', canary: 3, stable: 0, expected: 0, alone: 3, before: [400, 60_000], ran: [72_000, 0], kind: 'Shared', says: 'Containers of revision new crashed 3 times in 1200 pod-hours' },
  { name: 'alone, as often as the stable revision in the same release', canary: 40, stable: 40, expected: 0, alone: 40, ran: [6_000, 6_000], kind: 'Shared' },
  {
    name: 'alone, and more often than the stable revision ever did', canary: 3, stable: 1, expected: 0, alone: 3, before: [1, day], kind: 'Excess',
    says: '3 times of these while no pod of revision old was there to compare with, whose pods crashed 2 times in 24.1 pod-hours until then (chance: below 1 %)',
  },
  { name: 'nothing to compare with any more', canary: 8, stable: 30, expected: 5, alone: 3, before: [0, day], kind: 'Excess' },
  { name: 'two without anything to compare with, the rest shared', canary: 5, stable: 27, expected: 3, alone: 2, before: [0, day], kind: 'Shared' },
];

describe('crashes', () => {
  it.each(cases)('$name: $kind', ({ pods: states = ['Up'], kind, says, ...numbers }) => {
    const verdict = judgeCrashes(count(numbers), names, pods(...states));
    expect(verdict.kind).toBe(kind);
    expect(verdict.message).toContain(says ?? `Containers of revision new crashed ${numbers.canary} times`);
  });

  it('speaks of one as once', () => {
    expect(judgeCrashes(count({ canary: 1, stable: 1, expected: 1 }), names, pods('Up')).message).toBe('Containers of revision new crashed once in 2 pod-minutes, meanwhile those of revision old once in 8 pod-minutes');
  });
});
