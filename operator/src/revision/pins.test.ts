import type { AgentDeployment, AgentDeploymentSpec } from '@sluice/crds';
import type { ConfigMap } from '@sluice/kube';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withDigestedBinaryData } from './config-map-content.ts';
import { RevisionError } from './error.ts';
import { parseRecord, recordConfigMap } from './record-config-map.ts';
import { renderRevision, type RevisionRecord, snapshotsOf } from './record.ts';
import { sampleAgent, sampleOwner, samplePrompt, sampleProvider } from './testing/sample-agent.ts';

type Template = NonNullable<AgentDeploymentSpec['template']>;
type Contents = Readonly<Record<string, Pick<ConfigMap, 'data' | 'binaryData'>>>;

function agentWith(spec: object): AgentDeployment {
  return sampleAgent({ spec: { template: { spec } as Template } });
}

function configMap(name: string, content: Contents[string]): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop', resourceVersion: '1' }, ...content };
}

/** The revision of an agent in a namespace with these ConfigMaps, as the cache keeps them, and Secrets. */
function render(spec: object, contents: Contents = {}, secretVersions?: Readonly<Record<string, string>>): RevisionRecord {
  const configMaps = new Map(Object.entries(contents).map(([name, content]) => [name, withDigestedBinaryData(configMap(name, content))]));
  const secretVersion = secretVersions && ((name: string) => secretVersions[name]);
  return renderRevision({ agent: agentWith(spec), provider: sampleProvider(), promptText: samplePrompt, references: { configMap: (name) => configMaps.get(name), secretVersion } });
}

const agent = (fields: object) => ({ containers: [{ name: 'agent', ...fields }] });
const fromAll = (name: string, more: object = {}) => agent({ envFrom: [{ configMapRef: { name, ...more } }] });
const fromKey = (name: string, key: string, more: object = {}) => agent({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name, key, ...more } } }] });
const files = (name: string, more: object = {}) => ({ volumes: [{ name: 'files', configMap: { name, ...more } }] });
const projected = (name: string, more: object = {}) => ({ volumes: [{ name: 'files', projected: { sources: [{ configMap: { name, ...more } }] } }] });
const started = (name: string) => ({ initContainers: [{ name: 'load', image: 'i:1', envFrom: [{ configMapRef: { name } }] }] });
const beside = (name: string) => ({ containers: [{ name: 'sidecar', image: 'i:1', envFrom: [{ prefix: 'P_', configMapRef: { name } }] }] });

describe('the content of a ConfigMap that the pods refer to', () => {
  it.each([
    ['variables', fromAll('c')], ['a variable', fromKey('c', 'k')], ['files', files('c')], ['projected files', projected('c')], ['an init container', started('c')], ['a sidecar', beside('c')],
  ])('is part of the revision: %s', (_, spec) => {
    const before = render(spec, { c: { data: { k: '1' } } });
    expect(render(spec, { c: { data: { k: '1' } } })).toEqual(before);
    expect(render(spec, { c: { data: { k: '2' } } }).revision).not.toBe(before.revision);
    expect(JSON.stringify(before.podTemplate)).toContain(`"name":"support-${before.revision}-c"`);
    expect(snapshotsOf(before)).toMatchObject([{ agent: 'support', namespace: 'shop', revision: before.revision, source: 'c' }]);
  });

  it('counts where it is binary', () => {
    const before = render(files('c'), { c: { binaryData: { k: 'AAAA' } } });
    expect(render(files('c'), { c: { binaryData: { k: 'AAAB' } } }).revision).not.toBe(before.revision);
    expect(render(files('c'), { c: { binaryData: { k: 'AAAA' } } }).revision).toBe(before.revision);
  });

  it('is what the pods can see: another key of a shared ConfigMap starts no release', () => {
    const one = { c: { data: { k: '1', other: '1' } } };
    const other = { c: { data: { k: '1', other: '2', more: '3' } } };
    for (const spec of [fromKey('c', 'k'), files('c', { items: [{ key: 'k', path: 'p' }] }), projected('c', { items: [{ key: 'k', path: 'p' }] })]) expect(render(spec, other).revision).toBe(render(spec, one).revision);
    for (const spec of [fromAll('c'), files('c'), { ...fromKey('c', 'k'), ...files('c') }]) expect(render(spec, other).revision).not.toBe(render(spec, one).revision);
  });

  it('does not depend on metadata or on the order of keys', () => {
    fc.assert(fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.string(), { maxKeys: 5, noNullPrototype: true }), (data) => {
      const turned = Object.fromEntries(Object.entries(data).toReversed());
      expect(render(fromAll('c'), { c: { data: turned } }).revision).toBe(render(fromAll('c'), { c: { data } }).revision);
    }), { numRuns: 25 });
  }, 60_000);

  it('may be nothing where the reference is optional; what appears later is another revision', () => {
    const absent = render(fromAll('c', { optional: true }));
    expect(absent.configMaps).toEqual([{ name: 'c' }]);
    expect(snapshotsOf(absent)).toEqual([]);
    // Not the name of the spec: a ConfigMap that appears must not reach pods of this revision that start later.
    expect(JSON.stringify(absent.podTemplate)).toContain(`{"name":"support-${absent.revision}-c","optional":true}`);
    expect(render(fromAll('c', { optional: true }), { c: {} }).revision).not.toBe(absent.revision);
    const keyless = render(fromKey('c', 'k', { optional: true }), { c: { data: { a: '1' } } });
    expect(render(fromKey('c', 'k', { optional: true }), { c: { data: { a: '1', k: '' } } }).revision).not.toBe(keyless.revision);
  });

  it('survives storage', () => {
    const record = render({ ...fromAll('c'), ...files('d', { items: [{ key: 'k', path: 'p' }] }) }, { c: { data: { a: '1' } }, d: { data: { k: '1' } } }, { 'anthropic-key': 'v1' });
    expect(record.configMaps?.map(({ name, keys }) => [name, keys])).toEqual([['c', undefined], ['d', ['k']]]);
    const stored = recordConfigMap(record, sampleOwner);
    expect(parseRecord(stored)).toEqual(record);
    const edited = { ...stored, data: { ...stored.data, 'revision.json': stored.data!['revision.json']!.replace(record.configMaps![0]!.digest!, 'f'.repeat(64)) } };
    expect(() => parseRecord(edited)).toThrow(/do not hold the content/);
  });

  it('is not taken of the certificates that Kubernetes puts into every namespace, which must stay up to date', () => {
    const record = render(projected('kube-root-ca.crt'));
    expect(record.configMaps).toBeUndefined();
    expect(JSON.stringify(record.podTemplate)).toContain('"name":"kube-root-ca.crt"');
  });
});

describe('a reference that leads nowhere is refused', () => {
  const at = 'spec\\.template\\.spec\\.';
  it.each([
    ['no ConfigMap', fromAll('c'), {}, `^${at}containers\\[name=agent\\]\\.envFrom\\[0\\]\\.configMapRef names the ConfigMap "c", which does not exist in this namespace: create it, or write optional: true beside the name$`],
    ['no key for a variable', fromKey('c', 'k'), { c: { data: { b: '1', a: '2' } } }, 'env\\[name=A\\]\\.valueFrom\\.configMapKeyRef asks for the key "k" of the ConfigMap "c", which has a, b: add the key'],
    ['a binary key for a variable', fromKey('c', 'k'), { c: { binaryData: { k: 'AAAA' } } }, 'asks for the key "k" of the ConfigMap "c", which has no keys'],
    ['no key for a file', files('c', { items: [{ key: 'k', path: 'p' }] }), { c: {} }, `^${at}volumes\\[name=files\\]\\.configMap asks for the key "k"`],
    ['one of two required', { ...fromAll('c', { optional: true }), ...files('c') }, {}, 'volumes\\[name=files\\]\\.configMap names the ConfigMap "c"'],
  ] as [string, object, Contents, string][])('%s', (_, spec, contents, message) => {
    const action = () => render(spec, contents);
    expect(action).toThrow(new RegExp(message));
    expect(action).toThrow(expect.objectContaining({ problem: 'ReferenceNotFound' }) as RevisionError);
  });

  it('as are more ConfigMaps than a revision may copy', () => {
    const many = Array.from({ length: 65 }, (_, index) => ({ configMapRef: { name: `c${index}`, optional: true } }));
    expect(() => render(agent({ envFrom: many }))).toThrow('spec.template.spec refers to 65 ConfigMaps, and a revision keeps a copy of each, 64 at most');
  });
});

describe('the versions of Secrets', () => {
  const spec = agent({ envFrom: [{ secretRef: { name: 's' } }] });
  it('are part of the revision where that is asked for, the key of the provider included', () => {
    const before = render(spec, {}, { s: 'v1', 'anthropic-key': 'k1' });
    expect(before.secrets).toEqual({ s: 'v1', 'anthropic-key': 'k1' });
    expect(render(spec, {}, { s: 'v2', 'anthropic-key': 'k1' }).revision).not.toBe(before.revision);
    expect(render(spec, {}, { s: 'v1', 'anthropic-key': 'k2' }).revision).not.toBe(before.revision);
    expect(render(spec, {}, { s: 'v1', 'anthropic-key': 'k1', unused: 'v9' }).revision).toBe(before.revision);
    expect(JSON.stringify(before.podTemplate)).toContain('{"secretRef":{"name":"s"}}');
  });

  it('are no part of it otherwise', () => {
    expect(render(spec).secrets).toBeUndefined();
  });

  it('must exist where they are needed', () => {
    expect(() => render(spec, {}, { 'anthropic-key': 'k1' })).toThrow(/envFrom\[0\]\.secretRef names the Secret "s", which does not exist/);
    expect(render(agent({ envFrom: [{ secretRef: { name: 's', optional: true } }] }), {}, { 'anthropic-key': 'k1' }).secrets).toEqual({ s: '', 'anthropic-key': 'k1' });
  });
});
