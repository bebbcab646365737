import type { PodTemplateSpec } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { referencesOf, renameReferences } from './references.ts';

const pod = (spec: object): PodTemplateSpec => ({ spec: { containers: [], ...spec } });
const container = (fields: object) => pod({ containers: [{ name: 'agent', image: 'i', ...fields }] });
const volume = (source: object) => pod({ volumes: [{ name: 'v', ...source }] });
const at = 'spec.template.spec.';
const required = { presence: 'Required', keys: 'All' };

describe('referencesOf finds', () => {
  it.each<[string, PodTemplateSpec, object]>([
    ['a variable of a ConfigMap', container({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } }] }), { kind: 'ConfigMap', name: 'c', field: `${at}containers[name=agent].env[name=A].valueFrom.configMapKeyRef`, use: 'Variables', presence: 'Required', keys: ['k'] }],
    ['a variable of a Secret', container({ env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k', optional: true } } }] }), { kind: 'Secret', name: 's', field: `${at}containers[name=agent].env[name=A].valueFrom.secretKeyRef`, use: 'Variables', presence: 'Optional', keys: ['k'] }],
    ['all variables of a ConfigMap', container({ envFrom: [{ prefix: 'P_', configMapRef: { name: 'c' } }] }), { kind: 'ConfigMap', name: 'c', field: `${at}containers[name=agent].envFrom[0].configMapRef`, use: 'Variables', ...required }],
    ['all variables of a Secret', container({ envFrom: [{ secretRef: { name: 's' } }] }), { kind: 'Secret', name: 's', field: `${at}containers[name=agent].envFrom[0].secretRef`, use: 'Variables', ...required }],
    ['what an init container refers to', pod({ initContainers: [{ name: 'load', envFrom: [{ configMapRef: { name: 'c', optional: false } }] }] }), { kind: 'ConfigMap', name: 'c', field: `${at}initContainers[name=load].envFrom[0].configMapRef`, use: 'Variables', ...required }],
    ['a volume of a ConfigMap', volume({ configMap: { name: 'c', optional: true } }), { kind: 'ConfigMap', name: 'c', field: `${at}volumes[name=v].configMap`, use: 'Files', presence: 'Optional', keys: 'All' }],
    ['some keys of a ConfigMap', volume({ configMap: { name: 'c', items: [{ key: 'a', path: 'x' }, { key: 'b', path: 'y' }] } }), { kind: 'ConfigMap', name: 'c', field: `${at}volumes[name=v].configMap`, use: 'Files', presence: 'Required', keys: ['a', 'b'] }],
    ['a volume of a Secret', volume({ secret: { secretName: 's' } }), { kind: 'Secret', name: 's', field: `${at}volumes[name=v].secret`, use: 'Files', ...required }],
    ['a projected ConfigMap', volume({ projected: { sources: [{ serviceAccountToken: { path: 't' } }, { configMap: { name: 'c' } }] } }), { kind: 'ConfigMap', name: 'c', field: `${at}volumes[name=v].projected.sources[1].configMap`, use: 'Files', ...required }],
    ['a projected Secret', volume({ projected: { sources: [{ secret: { name: 's' } }] } }), { kind: 'Secret', name: 's', field: `${at}volumes[name=v].projected.sources[0].secret`, use: 'Files', ...required }],
  ])('%s', (_, template, reference) => {
    expect(referencesOf(template)).toEqual([reference]);
  });

  it('nothing that only the kubelet uses, and nothing in what is no pod', () => {
    expect(referencesOf(pod({ imagePullSecrets: [{ name: 'pull' }], volumes: [{ name: 'd', emptyDir: {} }] }))).toEqual([]);
    expect(referencesOf(container({ env: 'x', envFrom: [null, 1, { configMapRef: { name: 7 } }, { configMapRef: { name: '' } }] }))).toEqual([]);
    expect(referencesOf(volume({ projected: { sources: 'x' }, configMap: 'c' }))).toEqual([]);
  });
});

it('renameReferences changes the names alone', () => {
  const template = pod({
    containers: [{ name: 'agent', env: [{ name: 'A', value: 'c' }, { name: 'B', valueFrom: { configMapKeyRef: { name: 'c', key: 'c', optional: true } } }], envFrom: [{ prefix: 'P_', secretRef: { name: 's' } }] }],
    volumes: [{ name: 'c', projected: { defaultMode: 256, sources: [{ configMap: { name: 'c', items: [{ key: 'c', path: 'c' }] } }] } }],
  });
  const before = structuredClone(template);
  expect(renameReferences(template, ({ kind, name }) => `${kind}-${name}`)).toEqual(pod({
    containers: [{ name: 'agent', env: [{ name: 'A', value: 'c' }, { name: 'B', valueFrom: { configMapKeyRef: { name: 'ConfigMap-c', key: 'c', optional: true } } }], envFrom: [{ prefix: 'P_', secretRef: { name: 'Secret-s' } }] }],
    volumes: [{ name: 'c', projected: { defaultMode: 256, sources: [{ configMap: { name: 'ConfigMap-c', items: [{ key: 'c', path: 'c' }] } }] } }],
  }));
  expect(template).toEqual(before);
});
