import { describe, expect, it } from 'vitest';
import { renderRevision } from '../../revision/index.ts';
import { sampleAgent, samplePrompt, sampleProvider, sampleTool } from '../../revision/testing/sample-agent.ts';
import { agentDigestOf } from './agent-digest.ts';

interface Parts {
  readonly agent?: NonNullable<Parameters<typeof sampleAgent>[0]>['agent'];
  readonly spec?: NonNullable<Parameters<typeof sampleAgent>[0]>['spec'];
  readonly provider?: Parameters<typeof sampleProvider>[0];
  readonly prompt?: string;
  readonly defaultImage?: string;
}

function digestOf({ agent, spec, provider = {}, prompt = samplePrompt, defaultImage }: Parts): string {
  const given = sampleAgent({ ...(agent === undefined ? {} : { agent }), ...(spec === undefined ? {} : { spec }) });
  return agentDigestOf(given, renderRevision({ agent: given, provider: sampleProvider(provider), promptText: prompt, defaultImage }));
}

const model = { providerRef: { name: 'anthropic' }, name: 'claude-x-20260101' };
const referred = { prompt: { configMapKeyRef: { name: 'prompts', key: 'support' } } };
const { image: _none, ...withoutImage } = sampleAgent().spec.agent;
const anyImage = (defaultImage: string): string => {
  const given = { ...sampleAgent(), spec: { agent: withoutImage } };
  return agentDigestOf(given, renderRevision({ agent: given, provider: sampleProvider(), promptText: samplePrompt, defaultImage }));
};

describe('the digest of spec.agent', () => {
  it.each<[string, Parts]>([
    ['the image', { agent: { image: 'example.com/sluice/runtime:2' } }],
    ['the provider that is named', { agent: { model: { ...model, providerRef: { name: 'other' } } } }],
    ['the model', { agent: { model: { ...model, name: 'claude-y' } } }],
    ['a parameter', { agent: { model: { ...model, parameters: { temperature: 0.5 } } } }],
    ['the prompt', { agent: { prompt: { inline: 'Be brief.' } }, prompt: 'Be brief.' }],
    ['the text of the prompt in its ConfigMap', { agent: referred, prompt: 'Be brief.' }],
    ['a tool', { agent: { tools: [{ ...sampleTool, description: 'Finds many.' }] } }],
    ['a limit', { agent: { limits: { requestTimeout: '30s', maxConcurrentRequests: 16, maxQueuedRequests: 64, maxModelTurns: 8, maxInputCharacters: 32_768 } } }],
  ])('is another one with %s', (_what, parts) => {
    expect(digestOf(parts)).not.toBe(digestOf({}));
  });

  it.each<[string, Parts]>([
    ["the provider's endpoint", { provider: { endpoint: 'https://llm.example.com' } }],
    ['spec.template', { spec: { template: { metadata: { labels: { team: 'a' } } } } }],
    ['spec.network', { spec: { network: { egress: [{ cidr: '10.0.0.0/8', ports: [443] }] } } }],
    ['replicas', { spec: { replicas: 7 } }],
    ['the same prompt in a ConfigMap', { agent: referred }],
    ['a default that is said aloud', { agent: { limits: { requestTimeout: '60s', maxConcurrentRequests: 16, maxQueuedRequests: 64, maxModelTurns: 8, maxInputCharacters: 32_768 } } }],
  ])('is the same with %s', (_what, parts) => {
    expect(digestOf(parts)).toBe(digestOf({}));
  });

  it("is the same with another image of the operator's choice", () => {
    expect(anyImage('runtime:1')).toBe(anyImage('runtime:2'));
  });
});
