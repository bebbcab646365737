import type { Pod } from '@sluice/kube';
import { expect, it } from 'vitest';
import { podProblem } from '../../children/pod-problem.ts';
import { standingPods } from './pods.ts';

function crashing(message: string): Pod {
  const containerStatuses = [{ name: 'agent', restartCount: 3, ready: false, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 1, message } } }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'support-1' }, status: { containerStatuses } } as unknown as Pod;
}

it.each([
  ['SLUICE_PORT: must be a number (now "abc")', 'SLUICE_PORT: must be a number (now "abc")'],
  ['401 Incorrect API key provided: sk-proj-hunter2', '401 Incorrect API key provided: ***'],
])('quotes a crashing container without what looks like a credential: %s', (said, quoted) => {
  expect(podProblem([crashing(said)])).toBe(`pod support-1, container agent: CrashLoopBackOff ${quoted}`);
});

it('counts the pods that may answer requests: neither those that were told to end nor those that have ended', () => {
  const pod = (ready: 'True' | 'False', phase = 'Running', metadata: object = {}): Pod => ({ metadata: { name: 'a', ...metadata }, status: { phase, conditions: [{ type: 'Ready', status: ready }] } }) as unknown as Pod;
  const found = [pod('True'), pod('False'), pod('True', 'Failed'), pod('False', 'Succeeded'), pod('True', 'Running', { deletionTimestamp: '2026-11-21T10:00:00Z' })];
  expect(standingPods(found)).toEqual({ pods: 2, ready: 1 });
});

function pending(message: string | undefined, metadata: object = {}): Pod {
  const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', ...(message === undefined ? {} : { message }) }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'support-2', ...metadata }, status: { phase: 'Pending', conditions } } as unknown as Pod;
}

it.each([
  ['0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.', '0/1 nodes are available: 1 Insufficient cpu'],
  ['persistentvolumeclaim "models" not found', 'persistentvolumeclaim "models" not found'],
  [undefined, 'Unschedulable'],
])('quotes the scheduler: %s', (said, quoted) => {
  expect(podProblem([pending(said)])).toBe(`pod support-2 finds no node: ${quoted}`);
});

it('tells of a container that cannot start before a pod that finds no node, and nothing of one that is to end', () => {
  expect(podProblem([pending('no node'), crashing('boom')])).toBe('pod support-1, container agent: CrashLoopBackOff boom');
  expect(podProblem([pending('no node', { deletionTimestamp: '2026-11-21T10:00:00Z' })])).toBeUndefined();
});
