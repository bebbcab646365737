/** The identity of an object within one resource type; `namespace` is '' for cluster-scoped objects. */
export interface ObjectKey {
  readonly namespace: string;
  readonly name: string;
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** Timestamps are RFC 3339 strings exactly as the API server sends them, both in lists and in watches. */
export interface ObjectMeta {
  name: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  managedFields?: unknown[];
}

/** Any Kubernetes object. Bodies are the API server's JSON: fields no type here mentions are kept, read and written. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** `T` with every member optional: what server-side apply and merge patches take. Arrays stay whole. */
export type DeepPartial<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: DeepPartial<T[K]> } : T;

/** An object to apply: identity is required, all else is what the caller wants to own. */
export type Applied<T extends KubeObject> = Omit<DeepPartial<T>, 'apiVersion' | 'kind' | 'metadata'> & {
  apiVersion: string;
  kind: string;
  metadata: DeepPartial<ObjectMeta> & { name: string };
};

/** The key an object is cached and reconciled under. */
export function keyOf(object: { readonly metadata: { readonly name: string; readonly namespace?: string | undefined } }): ObjectKey {
  return { namespace: object.metadata.namespace ?? '', name: object.metadata.name };
}

/** `namespace/name`, or `name` alone when cluster-scoped: the form kubectl and client-go use. */
export function formatKey(key: ObjectKey): string {
  return key.namespace === '' ? key.name : `${key.namespace}/${key.name}`;
}

/** The inverse of {@link formatKey}. Throws RangeError when `text` is not `name` or `namespace/name`. */
export function parseKey(text: string): ObjectKey {
  const slash = text.indexOf('/');
  const key = slash === -1 ? { namespace: '', name: text } : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
  if (key.name === '' || slash === 0 || key.name.includes('/')) throw new RangeError(`'${text}' is not an object key: write 'name' or 'namespace/name'`);
  return key;
}

/** Whether both name the same object of one type. */
export function sameKey(left: ObjectKey, right: ObjectKey): boolean {
  return left.name === right.name && left.namespace === right.namespace;
}
