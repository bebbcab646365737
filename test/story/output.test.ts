import type { AgentDeployment, Release } from '@sluice/crds';
import { expect, test } from 'vitest';
import { liveLine } from './output.ts';

const agent: AgentDeployment = {
  apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', metadata: { name: 'support' },
  spec: { agent: { model: { providerRef: { name: 'p' }, name: 'm' }, prompt: { inline: 'Be brief.' } } },
  status: {
    phase: 'Progressing', release: { name: 'support-2', phase: 'Shifting', step: '1/2' },
    stable: { revision: 'r1', weight: 75, actualWeight: 75, replicas: 3, readyReplicas: 3 }, canary: { revision: 'r2', weight: 25, actualWeight: 25, replicas: 1, readyReplicas: 1 },
  },
};
const latest = {
  apiVersion: 'sluice.dev/v1alpha1', kind: 'Release', metadata: { name: 'support-2' },
  spec: { agentName: 'support', revision: 'r2', rollout: { steps: [{ weight: 25, duration: '15s' }, { weight: 50, duration: '15s' }] } }, status: { phase: 'Shifting', step: 1 },
} as const;

test('the step is that of the release, which the agent tells of up to 20 s late', () => {
  const line = liveLine(45, { agent, latest: latest as unknown as Release }, undefined);
  expect(line).toContain('support-2 Shifting 2/2');
  expect(line).toMatch(/^ {2}45 s {2}Progressing {2}support-2 Shifting 2\/2 +stable r1 \(3 ready\) +canary r2 25% \(1 ready\) +load: not started$/);
});

test('it is what the agent tells where the release could not be read', () => {
  expect(liveLine(45, { agent }, undefined)).toContain('support-2 Shifting 1/2');
  expect(liveLine(1, { agent: undefined }, undefined)).toContain('   1 s  Pending      -  ');
});
