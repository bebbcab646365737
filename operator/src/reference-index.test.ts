import type { Deployment } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { namedByAgent, namedByDeployment, namedByProvider } from './reference-index.ts';
import { sampleAgent, sampleProvider, sampleRecord } from './revision/testing/sample-agent.ts';

describe('what is named by', () => {
  it('an agent: its provider, its prompt, its suites and what its pods use, each once', () => {
    const template = { spec: { containers: [{ name: 'agent', envFrom: [{ configMapRef: { name: 'settings' } }, { configMapRef: { name: 'settings' } }, { secretRef: { name: 'token' } }] }] } };
    const agent = sampleAgent({ agent: { prompt: { configMapKeyRef: { name: 'prompts', key: 'p' } } }, spec: { template, rollout: { gates: { evals: [{ suiteRef: { name: 'golden' }, minPassPercent: 100 }] } } as never } });
    expect(namedByAgent(agent).toSorted()).toEqual(['ConfigMap/shop/prompts', 'ConfigMap/shop/settings', 'EvalSuite/shop/golden', 'ModelProvider/shop/anthropic', 'Secret/shop/token']);
  });

  it('an agent with nothing of all that: its provider', () => {
    expect(namedByAgent(sampleAgent())).toEqual(['ModelProvider/shop/anthropic']);
  });

  it('an agent: its group and those that it waits for', () => {
    const agent = sampleAgent({ spec: { rollout: { group: 'shop', dependsOn: [{ name: 'search' }] } as never } });
    expect(namedByAgent(agent).toSorted()).toEqual(['AgentDeployment/shop/search', 'Group/shop/shop', 'ModelProvider/shop/anthropic']);
  });

  it('a provider: the Secret with its key', () => {
    expect(namedByProvider(sampleProvider())).toEqual(['Secret/shop/anthropic-key']);
    const { apiKeySecretRef: _, ...keyless } = sampleProvider().spec;
    expect(namedByProvider({ ...sampleProvider(), spec: keyless })).toEqual([]);
  });

  it('a Deployment: what its pods use', () => {
    const { podTemplate } = sampleRecord();
    expect(namedByDeployment({ metadata: { name: 'd', namespace: 'shop' }, spec: { template: podTemplate } } as Deployment)).toContain('Secret/shop/anthropic-key');
  });
});
