import type { AgentDeployment } from '@sluice/crds';
import type { InformerHandler, KubeObject, ObjectKey } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import type { Caches } from '../../caches.ts';
import { namedByAgent, namedByDeployment, namedByProvider } from '../../reference-index.ts';
import { sampleAgent, sampleOwner, sampleProvider, sampleRecord } from '../../revision/testing/sample-agent.ts';
import { revisionDeployment } from '../../children/deployment.ts';
import { referenceSources } from './reference-sources.ts';

/** An informer as far as sources ask one: its objects by what they name, and whom to tell of a change. */
function informer<T extends KubeObject>(plural: string, objects: readonly T[] = [], named: (object: T) => readonly string[] = () => []) {
  const handlers: InformerHandler<KubeObject>[] = [];
  return {
    type: { plural },
    handlers,
    store: { byIndex: (_index: string, value: string) => objects.filter((object) => named(object).includes(value)) },
    addHandler: (handler: InformerHandler<KubeObject>) => handlers.push(handler),
  };
}

function agent(name: string, spec: Record<string, unknown>): AgentDeployment {
  const sample = sampleAgent();
  return { ...sample, metadata: { ...sample.metadata, name }, spec: { ...sample.spec, template: { spec } } };
}

const withSettings = agent('a', { containers: [{ name: 'agent', envFrom: [{ configMapRef: { name: 'settings' } }] }] });
const withToken = agent('b', { volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 'token' } }] } }] });
const elsewhere = { ...withSettings, metadata: { ...withSettings.metadata, namespace: 'other' } };
const deployment = revisionDeployment(sampleRecord({ spec: { template: { spec: { volumes: [{ name: 'v', secret: { secretName: 'former' } }] } } } }), sampleOwner);

const configMaps = informer('configmaps');
const secrets = informer('secrets');
const caches = {
  agents: informer('agentdeployments', [withSettings, withToken, elsewhere], namedByAgent), providers: informer('modelproviders', [sampleProvider()], namedByProvider),
  deployments: informer('deployments', [deployment], namedByDeployment), suites: informer('evalsuites'), configMaps, secrets,
} as unknown as Caches;
const keys: ObjectKey[] = [];
const fail = (error: Error): never => {
  throw error;
};
for (const each of referenceSources(caches)) each.attach((key) => void keys.push(key), fail);

const object = (name: string, labels: Record<string, string> = {}): KubeObject => ({ apiVersion: 'v1', kind: 'Any', metadata: { name, namespace: 'shop', labels } });

/** Who is woken by what `tell` tells. */
function woken({ handlers }: typeof secrets, tell: (handler: InformerHandler<KubeObject>) => void): string[] {
  keys.length = 0;
  for (const handler of handlers) tell(handler);
  return [...new Set(keys.map(({ namespace, name }) => `${namespace}/${name}`))].toSorted();
}
const added = (found: KubeObject) => (handler: InformerHandler<KubeObject>) => handler.onAdd?.(found, { initial: 'live' });

describe('agents that are woken by', () => {
  it('a ConfigMap: those whose pods refer to it, in its namespace', () => {
    expect(woken(configMaps, added(object('settings')))).toEqual(['shop/a']);
    expect(woken(configMaps, added(object('unknown')))).toEqual([]);
  });

  it('a ConfigMap of a revision: the one that it belongs to', () => {
    expect(woken(configMaps, added(object('x', { 'sluice.dev/agent': 'a' })))).toEqual(['shop/a']);
  });

  it.each([
    ['that their pods use', 'token', ['shop/b']],
    ['that holds the key of their provider', 'anthropic-key', ['shop/a', 'shop/b', 'shop/support']],
    ['that only pods of an older revision use', 'former', ['shop/support']],
    ['that nobody uses', 'unknown', []],
  ])('a Secret %s', (_, name, agents) => {
    expect(woken(secrets, added(object(name)))).toEqual(agents);
  });

  it('a Secret only when its data has changed', () => {
    const updated = (version: string) => woken(secrets, (handler) => handler.onUpdate?.({ ...object('token'), version } as KubeObject, { ...object('token'), version: '1' } as KubeObject));
    expect([updated('1'), updated('2')]).toEqual([[], ['shop/b']]);
  });
});
