import type { KubeObject, ObjectKey } from './object.ts';

declare const shape: unique symbol;

/** Where a kind lives in the API; `group` is '' for the core group. `T` is the shape its objects have. */
export interface ResourceType<T extends KubeObject = KubeObject> {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly scope: 'Namespaced' | 'Cluster';
  /** 'metadata': reads get no spec and no status; made by {@link metadataOnly}. */
  readonly view?: 'metadata';
  /** Carries `T` for inference only; never set. */
  readonly [shape]?: T;
}

/** Names a kind for the client and informers. Nothing of it is checked against the API server; a wrong plural is answered with 404. */
export function defineResource<T extends KubeObject>(description: Omit<ResourceType<T>, typeof shape>): ResourceType<T> {
  return Object.freeze({ ...description });
}

/**
 * The same kind, of which reads and caches hold `metadata` alone: the API server leaves the rest out, so a list or an event costs a fraction
 * in bytes, time and memory. For controllers that need names, labels and owners only. Writing whole objects through it is refused.
 */
export function metadataOnly<T extends KubeObject>(type: ResourceType<T>): ResourceType {
  const { group, version, plural, kind, scope } = type;
  return Object.freeze({ group, version, plural, kind, scope, view: 'metadata' as const });
}

/** What a read of `type` asks the server to answer with. */
export function acceptOf<T extends KubeObject>(type: ResourceType<T>, answer: 'object' | 'list'): string {
  if (type.view === undefined) return 'application/json';
  return `application/json;as=PartialObjectMetadata${answer === 'list' ? 'List' : ''};g=meta.k8s.io;v=v1`;
}

/** `v1`, `apps/v1`: what goes into `apiVersion`. */
export function apiVersionOf(type: Pick<ResourceType, 'group' | 'version'>): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** The group part of an `apiVersion`; '' for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}

function root(type: ResourceType): string {
  return type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
}

/** Path of a collection; `namespace` '' means all namespaces (or a cluster-scoped kind). */
export function collectionPath<T extends KubeObject>(type: ResourceType<T>, namespace: string): string {
  const within = type.scope === 'Namespaced' && namespace !== '' ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root(type)}${within}/${type.plural}`;
}

/** Path of one object. Throws RangeError when the key does not fit the scope, as a wrong path would hit another object. */
export function objectPath<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey): string {
  if (key.name === '') throw new RangeError(`${type.kind}: metadata.name is empty; give the object's name`);
  if (type.scope === 'Namespaced' && key.namespace === '') {
    throw new RangeError(`${type.kind} '${key.name}': metadata.namespace is empty but ${type.plural} are namespaced; give a namespace`);
  }
  return `${collectionPath(type, key.namespace)}/${encodeURIComponent(key.name)}`;
}
