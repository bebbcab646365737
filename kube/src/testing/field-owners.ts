import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../object.ts';
import { leavesOf, objectOf, treeOf, withField, withoutField } from './field-tree.ts';
import { isJsonObject, type JsonObject } from './json-value.ts';
import { Refusal } from './refusal.ts';

/** The fields that each writer of an object set last, by paths as JSON text. */
export type FieldOwners = ReadonlyMap<string, ReadonlySet<string>>;

export interface Ownership<T> {
  readonly object: T;
  readonly owners: FieldOwners;
}

/** Who owns what after `writer` made `after` of `before`: what it changed is its own now. */
export function ownersAfter(before: KubeObject | undefined, after: KubeObject, writer: string, owners: FieldOwners): FieldOwners {
  const [old, next] = [before === undefined ? new Map<string, unknown>() : leavesOf(treeOf(before)), leavesOf(treeOf(after))];
  const changed = [...next].filter(([path, value]) => !old.has(path) || !isDeepStrictEqual(old.get(path), value)).map(([path]) => path);
  const left = without(owners, (path) => !next.has(path) || changed.includes(path));
  return changed.length === 0 ? left : new Map([...left, [writer, new Set([...(left.get(writer) ?? []), ...changed])]]);
}

/**
 * Server-side apply without a schema: what `applier` applied before and leaves out now goes, unless another one owns it too; lists are replaced
 * whole, but for finalizers and owners. Throws Refusal (409) for a field that another writer owns with another value, unless forced.
 */
export function applied<T extends KubeObject>(live: T, config: T, applier: string, owners: FieldOwners, conflicts: 'force' | 'refuse'): Ownership<T> {
  const wanted = leavesOf(treeOf(config));
  const present = leavesOf(treeOf(live));
  const others = new Map([...owners].filter(([owner]) => owner !== applier));
  const contested = [...wanted].filter(([path, value]) => !isJsonObject(value) && !isDeepStrictEqual(present.get(path), value)).map(([path]) => path);
  if (conflicts === 'refuse') refuseConflicts(others, contested);
  const kept = without(others, (path) => contested.includes(path));
  const gone = [...(owners.get(applier) ?? [])].filter((path) => !wanted.has(path) && ![...kept.values()].some((owned) => owned.has(path)));
  const smaller = gone.reduce<JsonObject>((tree, path) => withoutField(tree, stepsOf(path)), treeOf(live));
  const tree = [...wanted].reduce<unknown>((made, [path, value]) => withField(made, stepsOf(path), value), smaller);
  return { object: objectOf(tree as JsonObject, live), owners: new Map([...kept, [applier, new Set(wanted.keys())]]) };
}

function refuseConflicts(others: FieldOwners, contested: readonly string[]): void {
  const causes = [...others].flatMap(([owner, owned]) => contested.filter((path) => owned.has(path)).map((path) => ({
    reason: 'FieldManagerConflict', message: `conflict with "${owner.split(' ')[0]}"`, field: `.${stepsOf(path).join('.')}`,
  })));
  if (causes.length === 0) return;
  const message = `Apply failed with ${causes.length} conflict${causes.length === 1 ? '' : 's'}: ${causes.map(({ message: what, field }) => `${what}: ${field}`).join('; ')}`;
  throw new Refusal(409, 'Conflict', message, { details: { causes } });
}

function without(owners: FieldOwners, lost: (path: string) => boolean): Map<string, ReadonlySet<string>> {
  const left = [...owners].map(([owner, owned]) => [owner, new Set([...owned].filter((path) => !lost(path)))] as const);
  return new Map(left.filter(([, owned]) => owned.size > 0));
}

function stepsOf(path: string): string[] {
  return JSON.parse(path) as string[];
}
