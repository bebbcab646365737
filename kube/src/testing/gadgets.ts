import type { CustomResourceDefinition } from '../resources/cluster.ts';

type Version = CustomResourceDefinition['spec']['versions'][number];

/** A version whose schema uses every `x-kubernetes-*` key that a typed client may drop. */
export function gadgetVersion(name: string, options: Partial<Pick<Version, 'served' | 'storage'>> = {}): Version {
  const tags = { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['key'], items: { type: 'object', required: ['key'], properties: { key: { type: 'string' }, value: { type: 'string' } } } };
  const spec = {
    type: 'object', 'x-kubernetes-validations': [{ rule: 'self.size > 0', message: 'size must be above 0' }], required: ['size'],
    properties: { size: { type: 'integer', default: 1 }, tags, port: { 'x-kubernetes-int-or-string': true }, free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
  };
  return {
    name, served: options.served ?? true, storage: options.storage ?? true, subresources: { status: {} },
    schema: { openAPIV3Schema: { type: 'object', properties: { spec, status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } } },
  };
}

/** A definition of a kind of its own: `label` goes into its names. */
export function gadgetDefinition(label: string, versions: readonly Version[] = [gadgetVersion('v1')]): CustomResourceDefinition {
  const [plural, group] = [`gadget${label}s`, 'crd-tests.sluice.dev'];
  return {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${plural}.${group}` },
    spec: { group, scope: 'Namespaced', names: { plural, singular: `gadget${label}`, kind: `Gadget${label}`, listKind: `Gadget${label}List` }, versions: [...versions] },
  };
}
