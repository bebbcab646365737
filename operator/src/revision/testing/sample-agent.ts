import type { AgentDeployment, AgentDeploymentSpec, ModelProvider } from '@sluice/crds';
import { renderRevision, type RevisionRecord } from '../record.ts';

type AgentPart = Partial<AgentDeploymentSpec['agent']>;
type Tool = NonNullable<AgentDeploymentSpec['agent']['tools']>[number];

export const samplePrompt = 'Answer in one sentence.';

export const sampleTool: Tool & { readonly http: NonNullable<Tool['http']> } = {
  name: 'orders',
  description: 'Finds an order.',
  parameters: { type: 'object', properties: { id: { type: 'string' } } },
  http: { method: 'GET', url: 'https://api.example.com/orders/{id}', allowedHosts: ['api.example.com'] },
  timeout: '10s',
  effect: 'Read',
};

/** A small agent as the API server returns it; `parts` replace members of the spec and of spec.agent. */
export function sampleAgent(parts: { readonly agent?: AgentPart; readonly spec?: Omit<Partial<AgentDeploymentSpec>, 'agent'> } = {}): AgentDeployment {
  return {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'AgentDeployment',
    metadata: { name: 'support', namespace: 'shop', uid: 'uid-1' },
    spec: {
      agent: {
        image: 'example.com/sluice/runtime:1.2.3',
        model: { providerRef: { name: 'anthropic' }, name: 'claude-x-20260101' },
        prompt: { inline: samplePrompt },
        tools: [sampleTool],
        ...parts.agent,
      },
      ...parts.spec,
    },
  };
}

export function sampleProvider(spec: Partial<ModelProvider['spec']> = {}): ModelProvider {
  return {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'ModelProvider',
    metadata: { name: 'anthropic', namespace: 'shop' },
    spec: { kind: 'Anthropic', apiKeySecretRef: { name: 'anthropic-key', key: 'token' }, ...spec },
  };
}

export function sampleRecord(parts: Parameters<typeof sampleAgent>[0] = {}): RevisionRecord {
  return renderRevision({ agent: sampleAgent(parts), provider: sampleProvider(), promptText: samplePrompt });
}

export const sampleOwner = { apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', name: 'support', uid: 'uid-1', controller: true, blockOwnerDeletion: true };
