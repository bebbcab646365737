import { describe, expect, it } from 'vitest';
import type { AgentDeploymentSpec, ModelProvider } from '@sluice/crds';
import { namedByAgent } from '../reference-index.ts';
import { resolveRevision } from '../agent/observe/inputs.ts';
import { agentDigestOf } from '../agent/ledger/agent-digest.ts';
import { renderBundle } from './bundle.ts';
import { otherProviderNames } from './model.ts';
import { renderRevision } from './record.ts';
import { sampleAgent, samplePrompt, sampleProvider } from './testing/sample-agent.ts';

type Model = AgentDeploymentSpec['agent']['model'];

const model: Model = {
  providerRef: { name: 'anthropic' },
  name: 'large',
  fallbacks: [{ providerRef: { name: 'openai' }, model: 'gpt', parameters: { maxOutputTokens: 64 } }, { model: 'small' }],
  tiers: [{ name: 'cheap', providerRef: { name: 'local' }, model: 'qwen', workflows: ['b', 'a'], maxInputCharacters: 500 }],
  tryTimeout: '5s',
  retries: { max: 1, budgetPercent: 10 },
  hedging: { after: '250ms' },
  promptCaching: 'Automatic',
  responseCache: { ttl: '1m', maxEntries: 7 },
};

function provider(name: string, spec: Partial<ModelProvider['spec']>): ModelProvider {
  return { ...sampleProvider(spec), metadata: { name, namespace: 'shop', resourceVersion: '1' } };
}

const price = { inputDollarsPerMillionTokens: 1, outputDollarsPerMillionTokens: 2, cachedInputDollarsPerMillionTokens: 0.1 };
const own = sampleProvider({ prices: [{ model: 'small', ...price }] });
const openai = provider('openai', { kind: 'OpenAI', apiKeySecretRef: { name: 'openai-key', key: 'k' } });
const { apiKeySecretRef: _none, ...keyless } = sampleProvider({ kind: 'Ollama', endpoint: 'http://ollama.models.svc:11434' }).spec;
const local: ModelProvider = { ...provider('local', {}), spec: keyless };
const agent = sampleAgent({ agent: { model } });

describe('a model with others that stand in for it', () => {
  it('is rendered with their providers, prices and times', () => {
    expect(renderBundle(agent, own, 'p', [local, openai]).model).toEqual({
      provider: { kind: 'Anthropic' },
      name: 'large',
      parameters: { maxOutputTokens: 1024 },
      fallbacks: [
        { provider: { kind: 'OpenAI', name: 'openai' }, name: 'gpt', parameters: { maxOutputTokens: 64 } },
        { provider: { kind: 'Anthropic' }, name: 'small', parameters: { maxOutputTokens: 1024 }, price },
      ],
      tiers: [{ tier: 'cheap', provider: { kind: 'Ollama', endpoint: 'http://ollama.models.svc:11434', name: 'local' }, name: 'qwen', parameters: { maxOutputTokens: 1024 }, workflows: ['a', 'b'], maxInputCharacters: 500 }],
      tryTimeoutMs: 5_000,
      retries: { max: 1, budgetPercent: 10 },
      hedging: { afterMs: 250 },
      promptCaching: 'Automatic',
      responseCache: { ttlMs: 60_000, maxEntries: 7 },
    });
  });

  it('names its providers, whose changes concern the agent', () => {
    expect(otherProviderNames(agent)).toEqual(['local', 'openai']);
    expect(namedByAgent(agent)).toEqual(['ModelProvider/shop/anthropic', 'ModelProvider/shop/local', 'ModelProvider/shop/openai']);
  });

  it('has pods with the keys of those that have one, and a way to all of them', () => {
    const { podTemplate, egress } = renderRevision({ agent, provider: own, otherProviders: [local, openai], promptText: samplePrompt });
    const [container] = podTemplate.spec.containers;
    expect(container?.env).toContainEqual({ name: 'SLUICE_PROVIDER_KEYS_DIR', value: '/var/run/secrets/sluice/provider-keys' });
    expect(container?.volumeMounts).toContainEqual({ name: 'sluice-provider-openai', mountPath: '/var/run/secrets/sluice/provider-keys/openai', readOnly: true });
    expect(podTemplate.spec.volumes?.filter(({ name }) => name.startsWith('sluice-provider-'))).toEqual([
      { name: 'sluice-provider-openai', secret: { secretName: 'openai-key', items: [{ key: 'k', path: 'api-key' }], defaultMode: 0o440, optional: true } },
    ]);
    expect(egress.map(({ ports }) => ports)).toEqual([[443, 11_434], [443, 11_434]]);
  });

  it('waits for a provider that is not there, and says which', () => {
    expect(resolveRevision(agent, { provider: own, otherProviders: [local, undefined], promptConfigMap: undefined })).toMatchObject({ kind: 'Unresolved', problem: { reason: 'ProviderNotFound', message: expect.stringContaining('"openai"') as string } });
    expect(resolveRevision(agent, { provider: own, otherProviders: [local, openai], promptConfigMap: undefined }).kind).toBe('Rendered');
    expect(() => renderBundle(agent, own, 'p')).toThrow(/^spec\.agent\.model\.fallbacks\[0\]\.providerRef\.name is "openai"/);
  });
});

describe('guardrails, budgets and precision', () => {
  const parts = { guardrails: { tier: 2 }, budgets: { perDay: { maxTokens: 5 } }, precision: { thresholdPercent: 30 } } as const;

  it('are a part of the revision, and one without them has the name that it had', () => {
    const plain = renderRevision({ agent: sampleAgent(), provider: own, promptText: samplePrompt });
    expect(plain.bundle).not.toHaveProperty('guardrails');
    expect(renderBundle(sampleAgent({ agent: parts }), own, 'p')).toMatchObject(parts);
    const names = Object.entries(parts).map(([name, value]) => renderRevision({ agent: sampleAgent({ agent: { [name]: value } }), provider: own, promptText: samplePrompt }).revision);
    expect(new Set([plain.revision, ...names]).size).toBe(4);
  });

  it('are a part of what the agent says of itself', () => {
    const digestOf = (given = sampleAgent()) => agentDigestOf(given, renderRevision({ agent: given, provider: own, otherProviders: [local, openai], promptText: samplePrompt }));
    const digests = [sampleAgent(), agent, ...Object.entries(parts).map(([name, value]) => sampleAgent({ agent: { [name]: value } }))].map(digestOf);
    expect(new Set(digests).size).toBe(5);
  });
});
