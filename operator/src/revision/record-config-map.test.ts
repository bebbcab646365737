import type { ConfigMap } from '@sluice/kube';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { revisionDeployment } from '../children/deployment.ts';
import { agentNetworkPolicy } from '../children/network-policy.ts';
import { RevisionError } from './error.ts';
import { parseRecord, recordConfigMap } from './record-config-map.ts';
import { renderRevision } from './record.ts';
import { arbitraryAgent, arbitraryPrompt } from './testing/arbitrary-agent.ts';
import { sampleOwner, sampleAgent, sampleProvider, sampleRecord } from './testing/sample-agent.ts';

const record = sampleRecord();
const configMap = recordConfigMap(record, sampleOwner);

describe('recordConfigMap', () => {
  it('is immutable, owned by the agent and named after the revision', () => {
    expect({ ...configMap, data: Object.keys(configMap.data ?? {}) }).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: `support-${record.revision}`,
        namespace: 'shop',
        labels: {
          'app.kubernetes.io/name': 'support', 'app.kubernetes.io/component': 'agent', 'app.kubernetes.io/managed-by': 'sluice',
          'sluice.dev/agent': 'support', 'sluice.dev/revision': record.revision,
        },
        ownerReferences: [sampleOwner],
      },
      immutable: true,
      data: ['agent.json', 'revision.json'],
    });
  });

  it('holds the bundle as the runtime reads it', () => {
    expect(JSON.parse(configMap.data?.['agent.json'] ?? '')).toEqual(record.bundle);
  });

  it('names the Secret and holds nothing that could be its value', () => {
    const text = JSON.stringify(configMap);
    expect(text).toContain('"secretName\\":\\"anthropic-key\\"');
    const env = record.podTemplate.spec.containers.flatMap((container) => container.env ?? []);
    expect(env.filter(({ name, value }) => /KEY|TOKEN|SECRET|PASSWORD/.test(name) && value !== undefined)).toEqual([
      { name: 'SLUICE_PROVIDER_API_KEY_FILE', value: '/var/run/secrets/sluice/provider/api-key' },
    ]);
  });

  it('refuses what a ConfigMap cannot hold', () => {
    const large = renderRevision({ agent: sampleAgent(), provider: sampleProvider(), promptText: 'ä'.repeat(600_000) });
    expect(() => recordConfigMap(large, sampleOwner)).toThrow(/^spec\.agent needs 12\d{5} bytes .* shorten the prompt/);
  });
});

describe('parseRecord', () => {
  it('gives back the very record, and its objects byte for byte', () => {
    fc.assert(fc.property(arbitraryAgent, arbitraryPrompt, (agent, promptText) => {
      const written = renderRevision({ agent, provider: sampleProvider(), promptText });
      const stored = JSON.parse(JSON.stringify(recordConfigMap(written, sampleOwner))) as ConfigMap;
      const read = parseRecord(stored);
      expect(read).toEqual(written);
      expect(JSON.stringify(recordConfigMap(read, sampleOwner))).toBe(JSON.stringify(stored));
      expect(JSON.stringify(revisionDeployment(read, sampleOwner))).toBe(JSON.stringify(revisionDeployment(written, sampleOwner)));
      expect(JSON.stringify(agentNetworkPolicy(read, sampleOwner))).toBe(JSON.stringify(agentNetworkPolicy(written, sampleOwner)));
    }), { numRuns: 25 });
  }, 60_000);

  const withData = (data: Record<string, string | undefined>): ConfigMap => JSON.parse(JSON.stringify({ ...configMap, data: { ...configMap.data, ...data } })) as ConfigMap;
  const edited = (key: string, from: string, to: string) => withData({ [key]: configMap.data?.[key]?.replace(from, to) });
  it.each([
    ['without data', { ...withData({}), data: {} }, /data\["agent\.json"\] is missing/],
    ['without its record', withData({ 'revision.json': undefined }), /data\["revision\.json"\] is missing/],
    ['cut short', withData({ 'revision.json': configMap.data?.['revision.json']?.slice(0, 50) }), /is not JSON/],
    ['with a bundle that the runtime refuses', withData({ 'agent.json': '{"schemaVersion":2}' }), /data\["agent\.json"\] has a wrong schemaVersion/],
    ['of a later schema', edited('revision.json', '"schemaVersion":1', '"schemaVersion":2'), /data\["revision\.json"\] has a wrong schemaVersion/],
    ['with a changed prompt', edited('agent.json', 'one sentence', 'a thousand sentences'), /do not hold the content that revision [0-9a-f]{10} is named after/],
    ['with a changed command', edited('revision.json', '"serve"', '"steal"'), /do not hold the content/],
    ['with wider egress', edited('revision.json', '"except":["169.254.0.0/16"]', '"except":[]'), /do not hold the content/],
    ['of another revision', { ...withData({}), metadata: { ...configMap.metadata, name: 'support-0000000000' } }, /belongs to revision/],
    ['of another namespace', { ...withData({}), metadata: { ...configMap.metadata, namespace: 'other' } }, /belongs to revision [0-9a-f]{10} of shop\/support/],
  ])('refuses a ConfigMap %s', (_, damaged, message) => {
    const read = () => parseRecord(damaged);
    expect(read).toThrow(message);
    expect(read).toThrow(expect.objectContaining({ problem: 'DamagedRecord' }) as RevisionError);
  });
});
