import type { AgentDeployment, Condition } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { suspendedElsewhere } from './suspension.ts';

const now = Date.parse('2026-11-22T12:00:00.000Z');
const before = '2026-11-22T10:00:00.000Z';
const condition = (type: string, status: 'True' | 'False'): Condition => ({ type, status, reason: 'Before', message: 'before', observedGeneration: 3, lastTransitionTime: before });
const serving = [condition('Ready', 'True'), condition('Reconciling', 'False'), condition('Stalled', 'False')];

function agentOf(status: AgentDeployment['status'], generation = 3): AgentDeployment {
  return { apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', metadata: { name: 'support', namespace: 'demo', generation }, spec: { suspend: true }, ...(status === undefined ? {} : { status }) } as unknown as AgentDeployment;
}

function states(agent: AgentDeployment): Record<string, string> {
  return Object.fromEntries((suspendedElsewhere(agent, now).status.conditions ?? []).map(({ type, status }) => [type, status]));
}

describe('a suspended agent that comes from another shard', () => {
  const stable = { revision: 'abc', readyReplicas: 2, replicas: 2, weight: 100, actualWeight: 100 };

  it('keeps what the former operator said of it, and whose it was', () => {
    const plan = suspendedElsewhere(agentOf({ observedGeneration: 3, phase: 'Healthy', shard: 'blue', stable, conditions: serving }), now);
    expect(plan.children).toBe('Untouched');
    expect(plan.releaseStatus).toBeUndefined();
    expect(plan.status).toMatchObject({ phase: 'Suspended', observedGeneration: 3, shard: 'blue', stable });
    expect(plan.status.message).toBe('The operator touches nothing of this agent until spec.suspend is false; then this shard takes it over');
  });

  it('is suspended since its former operator saw it, or since now', () => {
    const since = (conditions: Condition[]) => suspendedElsewhere(agentOf({ observedGeneration: 3, shard: 'blue', conditions }), now);
    expect(since([...serving, condition('Suspended', 'True')]).status.conditions?.at(-1)?.lastTransitionTime).toBe(before);
    expect(since([...serving, condition('Suspended', 'True')]).notices).toEqual([]);
    expect(since(serving).status.conditions?.at(-1)?.lastTransitionTime).toBe('2026-11-22T12:00:00.000Z');
    expect(since(serving).notices).toMatchObject([{ reason: 'Suspended' }]);
  });

  it.each<[string, AgentDeployment, Record<string, string>]>([
    ['what served serves on', agentOf({ observedGeneration: 3, conditions: serving }), { Ready: 'True', Reconciling: 'False', Stalled: 'False', Suspended: 'True' }],
    ['whether another spec is what serves cannot be told', agentOf({ observedGeneration: 3, conditions: serving }, 4), { Ready: 'False', Reconciling: 'False', Stalled: 'True', Suspended: 'True' }],
    ['what was not ready is not', agentOf({ observedGeneration: 3, conditions: [condition('Ready', 'False'), condition('Reconciling', 'True')] }), { Ready: 'False', Reconciling: 'False', Suspended: 'True' }],
  ])('%s', (_case, agent, expected) => {
    expect(states(agent)).toEqual(expected);
  });

  it('says the same at the next look, so that nothing is written', () => {
    const agent = agentOf({ observedGeneration: 2, phase: 'Healthy', shard: 'blue', stable, conditions: serving });
    const { status } = suspendedElsewhere(agent, now);
    expect(suspendedElsewhere({ ...agent, status }, now + 60_000).status).toEqual(status);
  });
});
