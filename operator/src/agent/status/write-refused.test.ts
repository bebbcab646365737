import type { AgentDeployment, AgentDeploymentStatus } from '@sluice/crds';
import { KubeError } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { sampleAgent } from '../../revision/testing/sample-agent.ts';
import { isRefusal, withWriteRefused } from './write-refused.ts';

const quota = new KubeError({ code: 403, reason: 'Forbidden', message: 'deployments.apps "support-1" is forbidden: exceeded quota: count/deployments.apps=3' });
const since = '2026-01-01T00:00:00.000Z';
const now = Date.parse('2026-01-01T00:05:00Z');

function condition(type: string, status: 'True' | 'False') {
  return { type, status, reason: 'Promoted', message: 'as planned', lastTransitionTime: since, observedGeneration: 3 };
}

const before: AgentDeploymentStatus = {
  phase: 'Progressing', message: 'support-2: step 1', revision: '0123456789',
  conditions: [condition('Ready', 'False'), condition('Reconciling', 'True'), condition('Stalled', 'False'), condition('Available', 'True')],
};

function agentWith(status?: AgentDeploymentStatus): AgentDeployment {
  const { status: _none, ...agent } = sampleAgent();
  return { ...agent, metadata: { ...agent.metadata, generation: 4 }, ...(status === undefined ? {} : { status }) };
}

describe('a write that the API server refuses', () => {
  const status = withWriteRefused(agentWith(before), quota, now);

  it('is told with its words, as a thing for a person, and nothing of the plan is told as done', () => {
    expect(status).toMatchObject({ phase: 'Degraded', revision: before.revision, observedGeneration: 4 });
    expect(status.message).toContain('exceeded quota: count/deployments.apps=3');
    expect(status.conditions?.map(({ type, status: value, reason }) => [type, value, reason])).toEqual([
      ['Ready', 'False', 'WriteRefused'], ['Reconciling', 'False', 'WriteRefused'], ['Stalled', 'True', 'WriteRefused'], ['Available', 'True', 'Promoted'],
    ]);
  });

  it('changes the times of those conditions alone whose status changes, and nothing at the next look', () => {
    const times = status.conditions?.map(({ lastTransitionTime }) => lastTransitionTime);
    expect(times).toEqual([since, '2026-01-01T00:05:00.000Z', '2026-01-01T00:05:00.000Z', since]);
    expect(withWriteRefused(agentWith(status), quota, now + 60_000)).toEqual(status);
  });

  it('is told also where a webhook has more to say than a condition may have', () => {
    const wordy = new KubeError({ code: 403, reason: 'Forbidden', message: `admission webhook "x" denied the request: ${'no way '.repeat(9_000)}` });
    const { message = '', conditions: [ready] = [] } = withWriteRefused(agentWith(before), wordy, now);
    expect(message, 'the status says the same').toBe(ready?.message);
    expect(ready?.message).toContain('admission webhook "x" denied the request: no way');
    expect(ready?.message.length).toBeLessThanOrEqual(16_384);
  });

  it('is told of an agent that had no status yet', () => {
    expect(withWriteRefused(agentWith(), quota, now).conditions?.map(({ type }) => type)).toEqual(['Ready', 'Reconciling', 'Stalled']);
  });
});

describe('what is told as a refusal', () => {
  it.each([
    [403, 'a policy says no', true],
    [422, 'spec.replicas: Invalid value', true],
    [400, 'admission webhook "x" denied the request', true],
    [500, 'Internal error occurred: failed calling webhook "x": connection refused', true],
    [500, 'etcdserver: request timed out', false],
    [409, 'the object has been modified', false],
    [404, 'not found', false],
    [429, 'too many requests', false],
    [0, 'connection reset', false],
  ])('%i %s: %s', (code, message, told) => {
    expect(isRefusal(new KubeError({ code, reason: 'Any', message }))).toBe(told);
  });

  it('is nothing else that was thrown', () => {
    expect(isRefusal(new TypeError('failed calling webhook'))).toBe(false);
  });
});
