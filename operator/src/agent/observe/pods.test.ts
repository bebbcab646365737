import type { Pod } from '@sluice/kube';
import { expect, it } from 'vitest';
import { podProblem, standingPods } from './pods.ts';

function crashing(message: string): Pod {
  const containerStatuses = [{ name: 'agent', restartCount: 3, ready: false, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 1, message } } }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'support-1' }, status: { containerStatuses } } as unknown as Pod;
}

it.each([
  ['SLUICE_PORT: must be a number (now "abc")', 'SLUICE_PORT: must be a number (now "abc")'],
  ['connect postgres://user:hunter2@db:5432/agents', 'connect postgres://***@db:5432/agents'],
  ['password=hunter2, host=db', 'password=***, host=db'],
  ['{"api_key": "hunter2"}', '{"api_key": "***"}'],
  ['Authorization: Bearer hunter2', 'Authorization: ***'],
])('quotes a crashing container without what looks like a credential: %s', (said, quoted) => {
  const problem = podProblem([crashing(said)]);
  expect(problem).toBe(`pod support-1, container agent: CrashLoopBackOff ${quoted}`);
  expect(problem).not.toContain('hunter2');
});

it('counts the pods that may answer requests: neither those that were told to end nor those that have ended', () => {
  const pod = (ready: 'True' | 'False', phase = 'Running', metadata: object = {}): Pod => ({ metadata: { name: 'a', ...metadata }, status: { phase, conditions: [{ type: 'Ready', status: ready }] } }) as unknown as Pod;
  const found = [pod('True'), pod('False'), pod('True', 'Failed'), pod('False', 'Succeeded'), pod('True', 'Running', { deletionTimestamp: '2026-11-21T10:00:00Z' })];
  expect(standingPods(found)).toEqual({ pods: 2, ready: 1 });
});
