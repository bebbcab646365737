import type { AgentDeployment } from '@sluice/crds';
import type { ConfigMap } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { controllerReference } from '../../children/index.ts';
import { contentDigest, recordConfigMap, recordFileName } from '../../revision/index.ts';
import { sampleAgent, sampleProvider } from '../../revision/testing/sample-agent.ts';
import type { AgentInputs } from './inputs.ts';
import type { DesiredRevision } from '../observation.ts';
import { RevisionCache } from './revision-cache.ts';

const template = { spec: { containers: [{ name: 'agent', envFrom: [{ configMapRef: { name: 'settings', optional: true } }, { secretRef: { name: 'token', optional: true } }] }] } };
const agent: AgentDeployment = sampleAgent({ spec: { template } });
const provider = sampleProvider();

function settings(resourceVersion: string, mode: string, uid = 'u1'): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'shop', uid, resourceVersion }, data: { MODE: mode } };
}

/** Asks for the revision while these exist; counts how often the ConfigMap was looked up. */
function asker() {
  const cache = new RevisionCache();
  return (configMap: ConfigMap | undefined, versions?: Readonly<Record<string, string>>): DesiredRevision => {
    const secretVersion = versions && ((name: string) => versions[name]);
    const found: AgentInputs = { provider, promptConfigMap: undefined, references: { configMap: () => configMap, secretVersion } };
    return cache.desired(agent, found);
  };
}

describe('the revision that a spec describes', () => {
  it('is rendered once as long as nothing that it looked up has changed', () => {
    const ask = asker();
    expect(ask(settings('1', 'one'))).toBe(ask(settings('1', 'one')));
  });

  it.each<[string, Parameters<ReturnType<typeof asker>>, Parameters<ReturnType<typeof asker>>]>([
    ['a ConfigMap has another version', [settings('1', 'one')], [settings('2', 'one')]],
    ['it was deleted and made anew', [settings('1', 'one')], [settings('1', 'one', 'u2')]],
    ['it appears', [undefined], [settings('1', 'one')]],
    ['it goes', [settings('1', 'one')], [undefined]],
    ['a Secret is rotated', [undefined, { 'anthropic-key': 'k', token: 'a' }], [undefined, { 'anthropic-key': 'k', token: 'b' }]],
    ['Secrets become part of it', [undefined], [undefined, { 'anthropic-key': 'k' }]],
  ])('is rendered anew when %s', (_, before, after) => {
    const ask = asker();
    const first = ask(...before);
    expect(ask(...after)).not.toBe(first);
  });

  it('is not concerned by a Secret that its pods do not use', () => {
    const ask = asker();
    expect(ask(undefined, { 'anthropic-key': 'k', other: 'a' })).toBe(ask(undefined, { 'anthropic-key': 'k', other: 'b' }));
  });
});

describe('the record in a ConfigMap', () => {
  const cache = new RevisionCache();
  const desired = cache.desired(agent, { provider, promptConfigMap: undefined });
  if (desired.kind !== 'Rendered') throw new Error('not rendered');
  const { record } = desired;
  const stored = recordConfigMap(record, controllerReference(agent));

  it('is the one of which the ConfigMap was made', () => {
    expect(cache.record(stored)).toBe(record);
    expect(new RevisionCache().record(stored)).toEqual(record);
  });

  it('is read where the ConfigMap holds something else', () => {
    const { [recordFileName]: _gone, ...rest } = stored.data ?? {};
    expect(cache.record({ ...stored, data: rest })).toBeUndefined();
    expect(cache.record({ ...stored, metadata: { ...stored.metadata, name: 'other' } })).toBeUndefined();
  });
});

describe('ConfigMaps that were stored', () => {
  const stored = (name: string): ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
  const names = (configMaps: readonly ConfigMap[]) => configMaps.map(({ metadata }) => metadata.name);
  const wanted = () => true;

  it('are missed when they go, until they are back', () => {
    const cache = new RevisionCache();
    expect(cache.lost(agent, [stored('a'), stored('b')], wanted)).toEqual([]);
    expect(names(cache.lost(agent, [stored('a')], wanted))).toEqual(['b']);
    expect(names(cache.lost(agent, [stored('a')], wanted))).toEqual(['b']);
    expect(cache.lost(agent, [stored('a'), stored('b')], wanted)).toEqual([]);
  });

  it('are forgotten when nobody wants them any more', () => {
    const cache = new RevisionCache();
    cache.lost(agent, [stored('a')], wanted);
    expect(cache.lost(agent, [], () => false)).toEqual([]);
    expect(cache.lost(agent, [], wanted)).toEqual([]);
  });

  it('of another agent are not missed', () => {
    const cache = new RevisionCache();
    cache.lost(agent, [stored('a')], wanted);
    expect(cache.lost({ ...agent, metadata: { ...agent.metadata, uid: 'other' } }, [], wanted)).toEqual([]);
  });

  it('are digested once', () => {
    const cache = new RevisionCache();
    const object = settings('1', 'one');
    expect([cache.digest(object), cache.digest(object)]).toEqual([contentDigest(object), contentDigest(object)]);
  });
});
