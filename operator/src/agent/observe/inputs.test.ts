import type { ConfigMap } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { sampleAgent, sampleProvider } from '../../revision/testing/sample-agent.ts';
import { resolveRevision } from './inputs.ts';

const provider = sampleProvider();
const fromPrompts = sampleAgent({ agent: { prompt: { configMapKeyRef: { name: 'prompts', key: 'p' } } } });
const prompts: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'prompts' }, data: { q: 'text' } };
const fromSettings = sampleAgent({ spec: { template: { spec: { containers: [{ name: 'agent', envFrom: [{ configMapRef: { name: 'settings' } }] }] } } } });

describe('what the spec names and cannot be used', () => {
  it.each([
    ['the provider', sampleAgent(), { provider: undefined, promptConfigMap: undefined }, 'ProviderNotFound', /^spec\.agent\.model\.providerRef\.name: there is no ModelProvider "anthropic"/],
    ['the prompt', fromPrompts, { provider, promptConfigMap: undefined }, 'PromptNotFound', /^spec\.agent\.prompt\.configMapKeyRef\.name: there is no ConfigMap "prompts"/],
    ['its key', fromPrompts, { provider, promptConfigMap: prompts }, 'PromptNotFound', /has no text under "p"; it has q$/],
    ['a reference of the pods', fromSettings, { provider, promptConfigMap: undefined }, 'ReferenceNotFound', /envFrom\[0\]\.configMapRef names the ConfigMap "settings", which does not exist/],
    ['a field', sampleAgent({ spec: { template: { spec: { restartPolicy: 'Never' } } } }), { provider, promptConfigMap: undefined }, 'InvalidBundle', /restartPolicy is "Never"/],
    ['more than can be stored', sampleAgent({ agent: { prompt: { inline: 'x'.repeat(1_100_000) } } }), { provider, promptConfigMap: undefined }, 'InvalidBundle', /^spec\.agent needs 1\d{6} bytes/],
  ] as const)('is said with its field: %s', (_, agent, inputs, reason, message) => {
    const desired = resolveRevision(agent, inputs);
    expect(desired).toMatchObject({ kind: 'Unresolved', problem: { reason, message: expect.stringMatching(message) as string } });
  });
});

it('what can be used becomes a revision', () => {
  const settings: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { MODE: 'one' } };
  const desired = resolveRevision(fromSettings, { provider, promptConfigMap: undefined, references: { configMap: (name) => (name === 'settings' ? settings : undefined) } });
  expect(desired).toMatchObject({ kind: 'Rendered', record: { agent: 'support', configMaps: [{ name: 'settings' }] } });
});
