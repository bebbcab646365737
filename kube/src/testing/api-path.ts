import type { KubeObject } from '../object.ts';
import { collectionPath, type ResourceType } from '../resource-type.ts';

export type ApiPlace =
  | { readonly at: 'discovery' }
  | { readonly at: 'collection'; readonly namespace: string }
  | { readonly at: 'object'; readonly namespace: string; readonly name: string; readonly view: 'whole' | 'status' };

/** What of `type` a path names; undefined for all that is not of this kind. */
export function placeAt<T extends KubeObject>(type: ResourceType<T>, path: string): ApiPlace | undefined {
  const root = collectionPath(type, '').slice(0, -type.plural.length - 1);
  if (path === root) return { at: 'discovery' };
  if (!path.startsWith(`${root}/`)) return undefined;
  const steps = path.slice(root.length + 1).split('/').map(decodeURIComponent);
  const within = type.scope === 'Namespaced' && steps[0] === 'namespaces' && steps.length > 2;
  const namespace = within ? (steps[1] ?? '') : '';
  const [plural, name, view, ...more] = within ? steps.slice(2) : steps;
  if (plural !== type.plural || more.length > 0) return undefined;
  if (name === undefined) return { at: 'collection', namespace };
  if (name === '' || (type.scope === 'Namespaced' && !within)) return undefined;
  if (view !== undefined && (view !== 'status' || !hasStatus(type))) return undefined;
  return { at: 'object', namespace, name, view: view === undefined ? 'whole' : 'status' };
}

/** Kinds of Kubernetes that have neither a status subresource nor a generation, as `plural.group`, or `.group` for a whole group. */
const WITHOUT_STATUS: ReadonlySet<string> = new Set([
  'configmaps.', 'secrets.', 'events.', 'serviceaccounts.', 'endpoints.', 'limitranges.', 'podtemplates.',
  '.events.k8s.io', '.coordination.k8s.io', '.rbac.authorization.k8s.io', '.discovery.k8s.io', '.scheduling.k8s.io', '.node.k8s.io',
]);

/** Whether the kind has a status subresource, and with it a generation: all but some of Kubernetes's own. */
export function hasStatus<T extends KubeObject>({ plural, group }: ResourceType<T>): boolean {
  return !WITHOUT_STATUS.has(`${plural}.${group}`) && !WITHOUT_STATUS.has(`.${group}`);
}

/** Whether a definition made the kind, as the group tells. */
export function isCustom<T extends KubeObject>({ group }: ResourceType<T>): boolean {
  return group.includes('.') && !group.endsWith('.k8s.io');
}

/** Whether a replacement must name the version it replaces. */
export function demandsVersion<T extends KubeObject>(type: ResourceType<T>): boolean {
  return isCustom(type) || type.group === 'coordination.k8s.io';
}

/** The APIResourceList with the one kind. */
export function discoveryOf<T extends KubeObject>(type: ResourceType<T>, groupVersion: string): object {
  const own = { singularName: type.kind.toLowerCase(), namespaced: type.scope === 'Namespaced', kind: type.kind };
  const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
  const status = { name: `${type.plural}/status`, ...own, singularName: '', verbs: ['get', 'patch', 'update'] };
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: [{ name: type.plural, ...own, verbs }, ...(hasStatus(type) ? [status] : [])] };
}
