import { KubeError } from '../kube-error.ts';
import type { KubeObject } from '../object.ts';
import { apiVersionOf, type ResourceType } from '../resource-type.ts';
import type { KubeList } from './call-shapes.ts';

/** The answer as an object of `type`. Throws KubeError (reason `Malformed`) when it is none: something else answered. */
export function objectFrom<T extends KubeObject>(type: ResourceType<T>, answer: unknown): T {
  if (!isKubeObject(answer)) throw malformed(`the answer for a ${type.kind} has no metadata.name`);
  return withKind(type, answer as T);
}

export function listFrom<T extends KubeObject>(type: ResourceType<T>, answer: unknown): KubeList<T> {
  const list = (answer ?? {}) as { items?: unknown; metadata?: { resourceVersion?: string; continue?: string } };
  if (typeof list.metadata?.resourceVersion !== 'string') throw malformed(`the list of ${type.plural} has no metadata.resourceVersion`);
  // Go writes an empty slice as null.
  const items = (Array.isArray(list.items) ? list.items : []) as T[];
  return { items: items.map((item) => withKind(type, item)), resourceVersion: list.metadata.resourceVersion, continue: list.metadata.continue || undefined };
}

/** Whether `value` can be cached: the least an object must have to be told from others. */
export function isKubeObject(value: unknown): value is KubeObject {
  if (typeof value !== 'object' || value === null) return false;
  const metadata = (value as { metadata?: unknown }).metadata;
  if (typeof metadata !== 'object' || metadata === null) return false;
  const { name, namespace } = metadata as { name?: unknown; namespace?: unknown };
  return typeof name === 'string' && name !== '' && (namespace === undefined || typeof namespace === 'string');
}

/** Lists leave kind and apiVersion out, and a view of the metadata names itself instead of the object. */
export function withKind<T extends KubeObject>(type: ResourceType<T>, item: T): T {
  if (typeof item !== 'object' || item === null) return item;
  const own = { apiVersion: apiVersionOf(type), kind: type.kind };
  if (type.view === 'metadata') return Object.assign(item, own);
  return item.kind === undefined ? Object.assign(own, item) : item;
}

function malformed(message: string): KubeError {
  return new KubeError({ code: 0, reason: 'Malformed', message });
}
