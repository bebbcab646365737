import type { PodTemplateSpec } from '@sluice/kube';
import { liveVolumePrefix } from './pod-names.ts';

/** One place of a pod template that names a ConfigMap or a Secret. */
export interface Reference {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  /** Where it is named, as a person would find it: `spec.template.spec.containers[name=agent].envFrom[0].configMapRef`. */
  readonly field: string;
  /** `Optional`: the pods start without it too. */
  readonly presence: 'Required' | 'Optional';
  /** What the pods take of it; `variables` come from `data` alone, `files` from `binaryData` too. */
  readonly use: 'Variables' | 'Files';
  readonly keys: 'All' | readonly string[];
  /** `Live`: the pods read it again while they run, so a change of it needs neither a restart nor a release. Not set: they read it at their start. */
  readonly reading?: 'Live';
}

type Fields = Readonly<Record<string, unknown>>;
type Visit = (reference: Reference) => string;

interface Site {
  readonly member: string;
  readonly kind: Reference['kind'];
  /** The member of the source that holds the name. */
  readonly nameMember: string;
  readonly use: Reference['use'];
}

const variable: readonly Site[] = [
  { member: 'configMapKeyRef', kind: 'ConfigMap', nameMember: 'name', use: 'Variables' },
  { member: 'secretKeyRef', kind: 'Secret', nameMember: 'name', use: 'Variables' },
];
const allVariables: readonly Site[] = [
  { member: 'configMapRef', kind: 'ConfigMap', nameMember: 'name', use: 'Variables' },
  { member: 'secretRef', kind: 'Secret', nameMember: 'name', use: 'Variables' },
];
const volume: readonly Site[] = [
  { member: 'configMap', kind: 'ConfigMap', nameMember: 'name', use: 'Files' },
  { member: 'secret', kind: 'Secret', nameMember: 'secretName', use: 'Files' },
];
const projection: readonly Site[] = [
  { member: 'configMap', kind: 'ConfigMap', nameMember: 'name', use: 'Files' },
  { member: 'secret', kind: 'Secret', nameMember: 'name', use: 'Files' },
];

/** All that the containers of a pod get from ConfigMaps and Secrets. What only the kubelet uses, such as `imagePullSecrets`, is not among it. */
export function referencesOf(template: PodTemplateSpec): Reference[] {
  const found: Reference[] = [];
  renameReferences(template, (reference) => {
    found.push(reference);
    return reference.name;
  });
  return found;
}

/** `template` with the name that `rename` returns in place of each one that it refers to. What has no valid shape is left as it is. */
export function renameReferences(template: PodTemplateSpec, rename: Visit): PodTemplateSpec {
  const { containers, initContainers, volumes } = template.spec;
  const spec = {
    ...template.spec,
    containers: each(containers, 'containers', (container, field) => inContainer(container, field, rename)),
    ...(initContainers === undefined ? {} : { initContainers: each(initContainers, 'initContainers', (container, field) => inContainer(container, field, rename)) }),
    ...(volumes === undefined ? {} : { volumes: each(volumes, 'volumes', (item, field) => inVolume(item, field, rename)) }),
  } as PodTemplateSpec['spec'];
  return { ...template, spec };
}

function inContainer(container: Fields, field: string, visit: Visit): Fields {
  const { env, envFrom } = container;
  return {
    ...container,
    ...(env === undefined ? {} : { env: each(env, `${field}.env`, (item, at) => (isFields(item['valueFrom']) ? { ...item, valueFrom: inSource(item['valueFrom'], `${at}.valueFrom`, variable, visit) } : item)) }),
    ...(envFrom === undefined ? {} : { envFrom: each(envFrom, `${field}.envFrom`, (item, at) => inSource(item, at, allVariables, visit)) }),
  };
}

function inVolume(item: Fields, field: string, visit: Visit): Fields {
  const { name, projected } = item;
  const seen: Visit = typeof name === 'string' && name.startsWith(liveVolumePrefix) ? (reference) => visit({ ...reference, reading: 'Live' }) : visit;
  const own = inSource(item, field, volume, seen);
  if (!isFields(projected)) return own;
  return { ...own, projected: { ...projected, sources: each(projected['sources'], `${field}.projected.sources`, (source, at) => inSource(source, at, projection, seen)) } };
}

function inSource(holder: Fields, field: string, sites: readonly Site[], visit: Visit): Fields {
  return sites.reduce((changed, { member, kind, nameMember, use }) => {
    const source = changed[member];
    const name = isFields(source) ? source[nameMember] : undefined;
    if (!isFields(source) || typeof name !== 'string' || name === '') return changed;
    const reference: Reference = { kind, name, field: `${field}.${member}`, presence: source['optional'] === true ? 'Optional' : 'Required', use, keys: keysOf(source) };
    return { ...changed, [member]: { ...source, [nameMember]: visit(reference) } };
  }, holder);
}

function keysOf({ key, items }: Fields): Reference['keys'] {
  if (typeof key === 'string') return [key];
  if (!Array.isArray(items) || items.length === 0) return 'All';
  return items.flatMap((item: unknown) => (isFields(item) && typeof item['key'] === 'string' ? [item['key']] : []));
}

/** `items` with each object replaced; the field of a named one says its name, that of another its place. */
function each(items: unknown, member: string, change: (item: Fields, field: string) => Fields): unknown {
  if (!Array.isArray(items)) return items;
  const prefix = member.startsWith('spec.') ? member : `spec.template.spec.${member}`;
  return items.map((item: unknown, index) => (isFields(item) ? change(item, `${prefix}[${typeof item['name'] === 'string' ? `name=${item['name']}` : index}]`) : item));
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
