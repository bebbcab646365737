import { expect, test } from 'vitest';
import { describePods, describeWarnings, type ReportedPod } from './pod-report.ts';

function pod(container: object): ReportedPod {
  return { metadata: { name: 'sluice-1' }, status: { phase: 'Running', containerStatuses: [{ name: 'operator', ready: false, restartCount: 0, ...container }] } };
}

test.each([
  ['an image that cannot be had', pod({ state: { waiting: { reason: 'ErrImagePull', message: 'not found' } } }), 'pod sluice-1, container operator: waiting, ErrImagePull: not found'],
  [
    'a crash loop',
    pod({ restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { reason: 'Error', exitCode: 1 } } }),
    'pod sluice-1, container operator: waiting, CrashLoopBackOff, restarted 3 times, the last time with exit code 1: Error',
  ],
  ['a container that ended', pod({ state: { terminated: { reason: 'OOMKilled', exitCode: 137 } } }), 'pod sluice-1, container operator: ended with code 137: OOMKilled'],
  ['a failing readiness probe', pod({ state: {} }), 'pod sluice-1, container operator: runs and is not ready'],
  ['a ready container', pod({ ready: true }), 'pod sluice-1, container operator: ready'],
  [
    'no room',
    { metadata: { name: 'p' }, status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' }] } },
    'pod p: not scheduled: 0/1 nodes are available',
  ],
  ['a pod that nobody has seen yet', { metadata: { name: 'p' } }, 'pod p: Pending'],
])('%s is told in a sentence', (_title, reported, sentence) => {
  expect(describePods([reported])).toEqual([sentence]);
});

test('no pod at all is told with where to look', () => {
  expect(describePods([])).toEqual([expect.stringContaining('kubectl describe replicaset')]);
});

test('of the warnings, the newest three reasons are told', () => {
  const events = ['BackOff', 'Failed', 'Failed', 'Unhealthy', 'FailedMount'].map((reason, index) => ({ reason, message: `at ${index}`, lastTimestamp: `2026-01-01T00:00:0${index}Z` }));
  expect(describeWarnings([...events, {}])).toEqual(['FailedMount: at 4', 'Unhealthy: at 3', 'Failed: at 2']);
  expect(describeWarnings([{ lastTimestamp: null }])).toEqual(['Warning: ']);
});
