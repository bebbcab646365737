import type { KubeObject } from '../object.ts';
import { isJsonObject, type JsonObject } from './json-value.ts';

/** What the server sets, or what names the object: nobody owns it. */
const OF_THE_SERVER: ReadonlySet<string> = new Set(['name', 'namespace', 'generateName', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'managedFields']);

/**
 * An object as fields that can be owned one by one: finalizers and owners, which are merged by element, become maps; other lists stay
 * whole, as those of a schema without list types.
 */
export function treeOf(object: KubeObject): JsonObject {
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = object;
  const { finalizers, ownerReferences, ...others } = metadata;
  const own = Object.fromEntries(Object.entries(others).filter(([name]) => !OF_THE_SERVER.has(name)));
  return {
    ...rest,
    metadata: {
      ...own,
      ...(finalizers ? { finalizers: Object.fromEntries(finalizers.map((each) => [each, each])) } : {}),
      ...(ownerReferences ? { ownerReferences: Object.fromEntries(ownerReferences.map((each) => [each.uid, [each]])) } : {}),
    },
  };
}

/** The inverse of {@link treeOf}; what names the object and what the server set comes from `base`. */
export function objectOf<T extends KubeObject>(tree: JsonObject, base: T): T {
  const { finalizers, ownerReferences, ...others } = (tree['metadata'] ?? {}) as JsonObject;
  const kept = Object.fromEntries(Object.entries(base.metadata).filter(([name]) => OF_THE_SERVER.has(name)));
  const lists = {
    ...(isJsonObject(finalizers) ? { finalizers: Object.values(finalizers) } : {}),
    ...(isJsonObject(ownerReferences) ? { ownerReferences: Object.values(ownerReferences).flat() } : {}),
  };
  return { ...tree, apiVersion: base.apiVersion, kind: base.kind, metadata: { ...others, ...lists, ...kept } } as unknown as T;
}

/** Every field that can be owned, by its path as JSON text: scalars, lists, and objects without members. */
export function leavesOf(value: unknown, path: readonly string[] = []): Map<string, unknown> {
  if (!isJsonObject(value) || (path.length > 0 && Object.keys(value).length === 0)) return new Map([[JSON.stringify(path), value]]);
  return new Map(Object.entries(value).flatMap(([name, member]) => [...leavesOf(member, [...path, name])]));
}

/** `tree` with the field set. An object without members only asks that there be one. */
export function withField(tree: unknown, [step, ...rest]: readonly string[], value: unknown): unknown {
  if (step === undefined) return isJsonObject(value) && isJsonObject(tree) ? tree : value;
  const base = isJsonObject(tree) ? tree : {};
  return { ...base, [step]: withField(base[step], rest, value) };
}

/** `tree` without the field, and without the objects that it leaves empty. */
export function withoutField(tree: JsonObject, [step, ...rest]: readonly string[]): JsonObject {
  if (step === undefined || !(step in tree)) return tree;
  const { [step]: member, ...others } = tree;
  if (rest.length === 0 || !isJsonObject(member)) return others;
  const left = withoutField(member, rest);
  return Object.keys(left).length === 0 ? others : { ...others, [step]: left };
}
