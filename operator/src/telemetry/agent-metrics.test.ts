import type { AgentDeployment, Release, ReleaseStatus } from '@sluice/crds';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { sampleAgent } from '../revision/testing/sample-agent.ts';
import { registerAgentMetrics } from './agent-metrics.ts';

const release = (number: number, revision: string, status: ReleaseStatus): Release => ({
  apiVersion: 'sluice.dev/v1alpha1', kind: 'Release', metadata: { name: `support-${number}`, namespace: 'shop' }, spec: { agentName: 'support', revision }, status,
});

it('what serves and what is wanted is read from the Releases: the status of the agent may be late', async () => {
  const registry = new Registry();
  const sample = sampleAgent();
  const late: AgentDeployment = { ...sample, metadata: { ...sample.metadata, name: 'support', namespace: 'shop' }, status: { phase: 'Progressing', stable: { revision: 'before', weight: 100, actualWeight: 100, replicas: 1, readyReplicas: 1 } } };
  const releases = [release(1, 'before', { phase: 'Promoted' }), release(2, 'serves', { phase: 'Promoted' }), release(3, 'comes', { phase: 'Shifting', weight: 25 })];
  registerAgentMetrics(registry, { agents: () => [late], releases: () => releases });
  const text = await registry.metrics();
  expect(text).toContain('sluice_agent_info{namespace="shop",agent="support",phase="Progressing",stable_revision="serves"} 1');
  expect(text).toContain('sluice_canary_weight_percent{namespace="shop",agent="support",kind="wanted"} 25');
});
