import type { Pod } from '@sluice/kube';
import { expect, it } from 'vitest';
import { podProblem } from './pods.ts';

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
