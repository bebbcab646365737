import type { KubeObject } from '../object.ts';
import { apiVersionOf, defineResource, groupOf, type ResourceType } from '../resource-type.ts';

export const ResourceEventType = Object.freeze({ Added: 'ADDED', Modified: 'MODIFIED', Deleted: 'DELETED' } as const);
export type ResourceEventType = (typeof ResourceEventType)[keyof typeof ResourceEventType];

/** Which object an event is of. */
export interface ResourceMeta {
  name: string;
  /** Absent for cluster-scoped objects. */
  namespace?: string;
  /** `plural.apiVersion`: the resource, the same for all its objects. */
  id: string;
  resourceVersion: string;
  apiVersion: string;
  kind: string;
  /** Tells the object from one made anew under its name. */
  uid?: string;
}

export interface ResourceEvent {
  meta: ResourceMeta;
  type: ResourceEventType;
  /** The handler's own copy: it may be changed. */
  object: KubeObject;
}

/** Called for every event of a watch; `call.signal` aborts when a stop has waited long enough for it. */
export type ResourceEventHandler = (event: ResourceEvent, call: { readonly signal: AbortSignal }) => Promise<void>;

export function metaOf(plural: string, object: KubeObject): ResourceMeta {
  const { name, namespace, uid, resourceVersion } = object.metadata;
  return {
    id: `${plural}.${object.apiVersion}`, name, ...(namespace === undefined ? {} : { namespace }), resourceVersion: resourceVersion ?? '',
    apiVersion: object.apiVersion, kind: object.kind, ...(uid === undefined ? {} : { uid }),
  };
}

/** The resource that `meta` names. Throws RangeError when its id is not `plural.apiVersion`. */
export function typeOf(meta: ResourceMeta): ResourceType {
  const [plural, version] = [meta.id.slice(0, meta.id.indexOf('.')), meta.apiVersion.slice(meta.apiVersion.indexOf('/') + 1)];
  const type = defineResource({ group: groupOf(meta.apiVersion), version, plural, kind: meta.kind, scope: meta.namespace === undefined ? 'Cluster' : 'Namespaced' });
  if (plural === '' || meta.id !== `${plural}.${apiVersionOf(type)}`) {
    throw new RangeError(`meta.id '${meta.id}' is not of the form plural.${meta.apiVersion}: pass on the meta of an event`);
  }
  return type;
}
