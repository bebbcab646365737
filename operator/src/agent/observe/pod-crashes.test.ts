import type { ContainerStatus, Pod } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { watchedPods } from './pod-crashes.ts';

const startTime = '2026-11-21T10:00:00Z';
const deletedAt10 = { deletionTimestamp: '2026-11-21T10:10:30Z', deletionGracePeriodSeconds: 30 };
const running: Partial<ContainerStatus> = { ready: true, state: { running: {} } };
const end = (reason: string, finishedAt = '2026-11-21T10:05:00Z') => ({ exitCode: 1, reason, finishedAt });

interface Case {
  readonly name: string;
  readonly container?: Partial<ContainerStatus>;
  readonly metadata?: Partial<Pod['metadata']>;
  readonly status?: Partial<NonNullable<Pod['status']>>;
  readonly crashes: number;
  readonly state: string;
}

const backOff = { waiting: { reason: 'CrashLoopBackOff' } };
const disrupted = { conditions: [{ type: 'DisruptionTarget', status: 'True' }] } as never;
const cases: readonly Case[] = [
  { name: 'runs', container: running, crashes: 0, state: 'Up' },
  { name: 'runs again', container: { ...running, restartCount: 2, lastState: { terminated: end('Error') } }, crashes: 2, state: 'Up' },
  { name: 'has just ended', container: { restartCount: 2, state: { terminated: end('Error') } }, crashes: 3, state: 'Down' },
  { name: 'waits to be started again', container: { restartCount: 2, state: backOff, lastState: { terminated: end('Error') } }, crashes: 3, state: 'CrashLoop' },
  { name: 'ended well although it is to run', container: { state: { terminated: end('Completed') } }, crashes: 1, state: 'Down' },
  { name: 'has not started yet', container: { state: { waiting: { reason: 'ContainerCreating' } } }, crashes: 0, state: 'Down' },
  { name: 'has no containers yet', status: { containerStatuses: [] }, crashes: 0, state: 'Down' },
  { name: 'is stopped and runs still', container: running, metadata: deletedAt10, crashes: 0, state: 'Leaving' },
  { name: 'is stopped and ended then', container: { state: { terminated: end('Error', '2026-11-21T10:10:00Z') } }, metadata: deletedAt10, crashes: 0, state: 'Leaving' },
  { name: 'is stopped and was killed at the end of its time', container: { restartCount: 1, state: { terminated: end('Error', '2026-11-21T10:10:30Z') } }, metadata: deletedAt10, crashes: 1, state: 'Leaving' },
  { name: 'crashed before it was stopped', container: { restartCount: 1, state: { terminated: end('Error', '2026-11-21T10:09:59Z') } }, metadata: deletedAt10, crashes: 2, state: 'Leaving' },
  { name: 'crash-looped when it was stopped', container: { restartCount: 3, state: backOff, lastState: { terminated: end('Error') } }, metadata: deletedAt10, crashes: 4, state: 'Leaving' },
  { name: 'ran out of memory while it was stopped', container: { state: { terminated: end('OOMKilled', '2026-11-21T10:10:05Z') } }, metadata: deletedAt10, crashes: 1, state: 'Leaving' },
  { name: 'is deleted, nobody knows since when', container: { state: { terminated: end('Error') } }, metadata: { deletionTimestamp: '2026-11-21T10:10:30Z' }, crashes: 0, state: 'Leaving' },
  { name: 'was evicted by its node', container: { restartCount: 1, state: { terminated: end('Error') } }, status: { phase: 'Failed', reason: 'Evicted' }, crashes: 1, state: 'Leaving' },
  { name: 'was evicted, out of memory', container: { state: { terminated: end('OOMKilled') } }, status: { phase: 'Failed', reason: 'Evicted' }, crashes: 1, state: 'Leaving' },
  { name: 'is about to be preempted', container: running, status: disrupted, crashes: 0, state: 'Leaving' },
];

function pod({ container, metadata, status }: Case): Pod {
  const containerStatuses = [{ name: 'agent', ready: false, restartCount: 0, ...container }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'support-1', uid: 'u1', ...metadata }, spec: { containers: [] }, status: { phase: 'Running', startTime, containerStatuses, ...status } };
}

describe('a pod that', () => {
  it.each(cases)('$name: $crashes, $state', (one) => {
    expect(watchedPods([pod(one)])).toEqual([{ uid: 'u1', crashes: one.crashes, state: one.state, startedAt: Date.parse(startTime) }]);
  });

  it('has two containers crashes with each', () => {
    const status = { containerStatuses: [{ name: 'agent', ready: true, restartCount: 2, state: { running: {} } }, { name: 'proxy', ready: false, restartCount: 1, state: backOff, lastState: { terminated: end('Error') } }] };
    expect(watchedPods([pod({ name: '', status, crashes: 0, state: '' })])).toMatchObject([{ crashes: 4, state: 'CrashLoop' }]);
  });

  it('has no uid is not told from its successor, and one that no node took has no time', () => {
    const bare: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'support-1' }, spec: { containers: [] } };
    expect(watchedPods([bare])).toEqual([]);
    expect(watchedPods([{ ...bare, metadata: { name: 'support-1', uid: 'u1' } }])).toEqual([{ uid: 'u1', crashes: 0, state: 'Down' }]);
  });
});

it('a crash is counted once on its way: ended, waiting, running again', () => {
  const way: readonly Partial<ContainerStatus>[] = [
    { restartCount: 1, state: { terminated: end('Error') }, lastState: { terminated: end('Error') } },
    { restartCount: 1, state: backOff, lastState: { terminated: end('Error') } },
    { ...running, restartCount: 2, lastState: { terminated: end('Error') } },
  ];
  expect(way.map((container) => watchedPods([pod({ name: '', container, crashes: 0, state: '' })])[0]?.crashes)).toEqual([2, 2, 2]);
});
