import type { AgentDeployment } from '@sluice/crds';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './digest.ts';
import { renderRevision } from './record.ts';
import { arbitraryAgent, arbitraryPrompt, reordered } from './testing/arbitrary-agent.ts';
import { sampleAgent, samplePrompt, sampleProvider, sampleTool } from './testing/sample-agent.ts';

const provider = sampleProvider();
const revisionOf = (agent: AgentDeployment, promptText = samplePrompt, from = provider) => renderRevision({ agent, provider: from, promptText }).revision;

/** The pod template as a person writes it who copied a live Deployment: API defaults said aloud. */
function withDefaultNoise(agent: AgentDeployment): AgentDeployment {
  const spec = agent.spec.template?.spec ?? {};
  const listed = (spec['containers'] as { name: string; ports?: object[] }[] | undefined) ?? [];
  const loud = (container: { name: string; ports?: object[] }) => ({
    ...container,
    terminationMessagePath: '/dev/termination-log',
    ...(container.ports === undefined ? {} : { ports: container.ports.map((port) => ({ ...port, protocol: 'TCP' })) }),
    ...(container.name === 'agent' ? {} : { imagePullPolicy: 'IfNotPresent', resources: {} }),
  });
  const containers = (listed.some(({ name }) => name === 'agent') ? listed : [{ name: 'agent' }, ...listed]).map(loud);
  const noisy = { ...spec, containers, dnsPolicy: 'ClusterFirst', restartPolicy: 'Always', schedulerName: 'default-scheduler', affinity: null, volumes: [] };
  return { ...agent, spec: { ...agent.spec, template: { ...agent.spec.template, spec: noisy } } };
}

describe('the name of a revision does not depend on', () => {
  it('key order, undefined members and API defaults said aloud; and equal names mean equal bytes', () => {
    fc.assert(fc.property(arbitraryAgent, arbitraryPrompt, (agent, promptText) => {
      const record = renderRevision({ agent, provider, promptText });
      const others = [reordered(agent), withDefaultNoise(agent), reordered(withDefaultNoise(agent))];
      for (const other of others) expect(canonicalJson(renderRevision({ agent: other, provider: reordered(provider), promptText }))).toBe(canonicalJson(record));
    }), { numRuns: 25 });
  }, 60_000);

  const agent = sampleAgent();
  it.each<[string, AgentDeployment]>([
    ['replicas', sampleAgent({ spec: { replicas: 7 } })],
    ['the rollout', sampleAgent({ spec: { rollout: { maxDuration: '2h', progressDeadline: '1m', holdLimit: '1h', onSecretChange: 'Restart', historyLimit: 3 } } })],
    ['autoscaling', sampleAgent({ spec: { autoscaling: { minReplicas: 1, maxReplicas: 9, targetCPUUtilizationPercent: 50 } } })],
    ['limits that are the default', sampleAgent({ agent: { limits: { requestTimeout: '60s', maxConcurrentRequests: 16, maxQueuedRequests: 64, maxModelTurns: 8, maxInputCharacters: 32_768 } } })],
    ['the way a duration is written', sampleAgent({ agent: { tools: [{ ...sampleTool, timeout: '10000ms' }] } })],
    ['a pull policy that is the default', sampleAgent({ agent: { imagePullPolicy: 'IfNotPresent' } })],
    ['where the prompt comes from', sampleAgent({ agent: { prompt: { configMapKeyRef: { name: 'prompts', key: 'p' } } } })],
    ['the status and bookkeeping of the object', { ...agent, metadata: { ...agent.metadata, generation: 9, resourceVersion: '5', labels: { a: 'b' } } }],
  ])('%s', (_, other) => {
    expect(revisionOf(other)).toBe(revisionOf(agent));
  });
});

describe('the name of a revision changes with', () => {
  const base = sampleAgent();
  const model = base.spec.agent.model;
  const limits = { requestTimeout: '60s', maxConcurrentRequests: 16, maxQueuedRequests: 64, maxModelTurns: 8, maxInputCharacters: 32_768 };
  it.each<[string, string]>([
    ['the prompt', revisionOf(base, 'Answer in two sentences.')],
    ['the image', revisionOf(sampleAgent({ agent: { image: 'example.com/sluice/runtime:1.2.4' } }))],
    ['the model', revisionOf(sampleAgent({ agent: { model: { ...model, name: 'other' } } }))],
    ['a sampling parameter', revisionOf(sampleAgent({ agent: { model: { ...model, parameters: { temperature: 0 } } } }))],
    ['a tool gone', revisionOf(sampleAgent({ agent: { tools: [] } }))],
    ['a description of a tool', revisionOf(sampleAgent({ agent: { tools: [{ ...sampleTool, description: 'Finds orders.' }] } }))],
    ['a timeout of a tool', revisionOf(sampleAgent({ agent: { tools: [{ ...sampleTool, timeout: '11s' }] } }))],
    ['the effect of a tool', revisionOf(sampleAgent({ agent: { tools: [{ ...sampleTool, effect: 'Write' }] } }))],
    ['a limit', revisionOf(sampleAgent({ agent: { limits: { ...limits, maxModelTurns: 9 } } }))],
    ['the request timeout', revisionOf(sampleAgent({ agent: { limits: { ...limits, requestTimeout: '61s' } } }))],
    ['the endpoint of the provider', revisionOf(base, samplePrompt, sampleProvider({ endpoint: 'https://llm.example.com' }))],
    ['the Secret of the provider', revisionOf(base, samplePrompt, sampleProvider({ apiKeySecretRef: { name: 'other', key: 'token' } }))],
    ['the egress rules', revisionOf(sampleAgent({ spec: { network: { egress: [] } } }))],
    ['the pod template', revisionOf(sampleAgent({ spec: { template: { spec: { priorityClassName: 'high' } } } }))],
    ['an annotation of the pods', revisionOf(sampleAgent({ spec: { template: { metadata: { annotations: { restart: '1' } } } } }))],
  ])('%s', (_, revision) => {
    expect(revision).toMatch(/^[0-9a-f]{10}$/);
    expect(revision).not.toBe(revisionOf(base));
  });

  it('any prompt, model, tool, image or limit', () => {
    fc.assert(fc.property(arbitraryAgent, arbitraryAgent, arbitraryPrompt, (left, right, prompt) => {
      const pinned = ({ spec: { agent } }: AgentDeployment) => canonicalJson([agent.image, agent.model.name, agent.tools, agent.limits]);
      fc.pre(pinned(left) !== pinned(right));
      expect(revisionOf(left, prompt)).not.toBe(revisionOf(right, prompt));
      expect(revisionOf(left, `${prompt}.`)).not.toBe(revisionOf(left, prompt));
    }), { numRuns: 25 });
  }, 60_000);
});

describe('renderRevision', () => {
  it('names image, model and agent, and puts its name into the pods', () => {
    const record = renderRevision({ agent: sampleAgent(), provider, promptText: samplePrompt });
    expect(record).toMatchObject({ agent: 'support', namespace: 'shop', image: 'example.com/sluice/runtime:1.2.3', model: 'claude-x-20260101' });
    expect(record.podTemplate.metadata?.labels?.['sluice.dev/revision']).toBe(record.revision);
    expect(record.podTemplate.spec.containers[0]?.env).toContainEqual({ name: 'SLUICE_REVISION', value: record.revision });
    expect(record.podTemplate.spec.volumes?.[0]).toMatchObject({ configMap: { name: `support-${record.revision}` } });
  });

  it.each(['9lives', 'a.b', 'A', `a${'b'.repeat(63)}`])('refuses the name %s, which no Service can have', (name) => {
    const agent = { ...sampleAgent(), metadata: { name, namespace: 'shop' } };
    expect(() => renderRevision({ agent, provider, promptText: 'p' })).toThrow(/^metadata\.name is /);
  });
});

describe('the image of a revision', () => {
  const { image: _named, ...unnamed } = sampleAgent().spec.agent;
  const agent = { ...sampleAgent(), spec: { ...sampleAgent().spec, agent: unnamed } };

  it("is the operator's own where the agent names none, and part of the digest", () => {
    const one = renderRevision({ agent, provider, promptText: 'p', defaultImage: 'runtime:1' });
    const two = renderRevision({ agent, provider, promptText: 'p', defaultImage: 'runtime:2' });
    expect(one.podTemplate.spec.containers[0]?.image).toBe('runtime:1');
    expect(two.revision).not.toBe(one.revision);
  });

  it('is asked for where neither names one', () => {
    expect(() => renderRevision({ agent, provider, promptText: 'p' })).toThrow(/spec\.agent\.image is not set/);
  });
});
