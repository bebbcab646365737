import type { AgentDeployment, Release, RolloutSpec } from '@sluice/crds';
import type { InformerHandler, KubeObject } from '@sluice/kube';
import { expect, it } from 'vitest';
import type { Caches } from '../../caches.ts';
import { namedByAgent } from '../../reference-index.ts';
import { sampleAgent } from '../../revision/testing/sample-agent.ts';
import { neighbourSources } from './neighbour-sources.ts';

function agent(name: string, rollout: Partial<RolloutSpec> = {}, namespace = 'shop'): AgentDeployment {
  const sample = sampleAgent({ spec: { rollout: rollout as RolloutSpec } });
  return { ...sample, metadata: { ...sample.metadata, namespace, name } };
}

const fleet = [
  agent('search'), agent('basket', { dependsOn: [{ name: 'search' }] }), agent('pay', { group: 'money', dependsOn: [{ name: 'basket' }, { name: 'search' }] }),
  agent('refund', { group: 'money', dependsOn: [{ name: 'pay' }] }), agent('elsewhere', { group: 'money', dependsOn: [{ name: 'search' }] }, 'other'),
];

function informer() {
  const handlers: InformerHandler<KubeObject>[] = [];
  const byIndex = (_index: string, value: string) => fleet.filter((each) => namedByAgent(each).includes(value));
  const get = ({ namespace, name }: { readonly namespace: string; readonly name: string }) => fleet.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  return { handlers, type: { plural: 'any' }, store: { byIndex, get }, addHandler: (handler: InformerHandler<KubeObject>) => { handlers.push(handler); return () => undefined; } };
}

const [agents, releases] = [informer(), informer()];
const keys: string[] = [];
for (const each of neighbourSources({ agents, releases } as unknown as Caches)) each.attach(({ namespace, name }) => void keys.push(`${namespace}/${name}`), (error) => { throw error; });

/** Who is woken, each once. */
function woken({ handlers }: ReturnType<typeof informer>, object: KubeObject): string[] {
  keys.length = 0;
  for (const handler of handlers) handler.onAdd?.(object, { initial: 'live' });
  return [...new Set(keys)];
}

it.each([
  ['search', ['shop/basket', 'shop/pay']], ['basket', ['shop/pay']], ['pay', ['shop/refund']], ['refund', ['shop/pay']],
])('what becomes of %s wakes those that depend on it and those of its group, in its namespace', (name, expected) => {
  expect(woken(agents, fleet.find(({ metadata }) => metadata.name === name)!)).toEqual(expected);
  const release = { apiVersion: 'sluice.dev/v1alpha1', kind: 'Release', metadata: { namespace: 'shop', name: `${name}-1` }, spec: { agentName: name } } as unknown as Release;
  expect(woken(releases, release)).toEqual(expected);
});
