/** Where a value stands in an object. */
export interface Place {
  readonly path: string;
  /** Of the nearest named member: the list's for an element of a list. */
  readonly name: string;
  /** The name before that. */
  readonly parent: string;
}

/** How server-side apply merges a list. `map`: by keys, as other writers may hold elements of their own. `set`: likewise, by value. `atomic`: one writer holds it whole. */
export type ListType = { readonly type: 'map'; readonly keys: readonly string[] } | { readonly type: 'set' } | { readonly type: 'atomic' };

const ATOMIC: ListType = { type: 'atomic' };
const SET: ListType = { type: 'set' };
const byName: ListType = { type: 'map', keys: ['name'] };

/** Lists of the built-in kinds that are merged, from the `x-kubernetes-list-*` marks of their OpenAPI; all others are atomic. */
const MERGED: Readonly<Record<string, ListType>> = {
  containers: byName, initContainers: byName, ephemeralContainers: byName, volumes: byName, env: byName, imagePullSecrets: byName, schedulingGates: byName, resourceClaims: byName,
  secrets: byName, volumeMounts: { type: 'map', keys: ['mountPath'] }, volumeDevices: { type: 'map', keys: ['devicePath'] }, hostAliases: { type: 'map', keys: ['ip'] },
  // A container's ports are told apart by containerPort and a Service's by port, each with protocol.
  ports: { type: 'map', keys: ['name', 'port', 'containerPort', 'protocol'] },
  topologySpreadConstraints: { type: 'map', keys: ['topologyKey', 'whenUnsatisfiable'] }, conditions: { type: 'map', keys: ['type'] },
};
/** Of every kind, custom resources included. */
const IN_METADATA: Readonly<Record<string, ListType>> = { finalizers: SET, ownerReferences: { type: 'map', keys: ['uid'] } };
/** A network policy's ports are atomic though they are called as a Service's. */
const ATOMIC_PORTS_IN: readonly string[] = ['ingress', 'egress'];

const BUILT_IN_GROUPS = /^(?:[^/]+$|(?:apps|batch|autoscaling|policy)\/|[a-z.]+\.k8s\.io\/)/;

/** Lists of a custom kind that its CRD marks as `x-kubernetes-list-type: map` or `set`, by member name. */
export type CustomLists = Readonly<Record<string, ListType>>;

export interface Schema {
  readonly origin: 'built-in' | 'custom';
  readonly lists: CustomLists;
}

/** What is known about the kind of an object, by its apiVersion; a part of an object, which has none, counts as built-in. */
export function schemaOf(object: unknown, lists: CustomLists): Schema {
  const apiVersion = typeof object === 'object' && object !== null && 'apiVersion' in object ? object.apiVersion : undefined;
  const custom = typeof apiVersion === 'string' && (!BUILT_IN_GROUPS.test(apiVersion) || apiVersion.startsWith('gateway.networking.k8s.io/'));
  return { origin: custom ? 'custom' : 'built-in', lists };
}

export function listType(place: Place, schema: Schema): ListType {
  const given = schema.lists[place.name] ?? IN_METADATA[place.name];
  if (given !== undefined) return given;
  if (schema.origin === 'custom' || (place.name === 'ports' && ATOMIC_PORTS_IN.includes(place.parent))) return ATOMIC;
  return MERGED[place.name] ?? ATOMIC;
}
