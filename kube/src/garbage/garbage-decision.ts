import { controllerOf } from '../apply/ownership.ts';
import { formatKey, keyOf, type KubeObject, type ObjectKey } from '../object.ts';
import type { ResourceType } from '../resource-type.ts';

/** An object that may be somebody's child, and its kind. */
export interface Child {
  readonly type: ResourceType;
  readonly object: KubeObject;
}

/** The children that shall be, by {@link childId}; when it cannot be said completely, why: then nothing is garbage. */
export type DesiredChildren = { readonly state: 'complete'; readonly ids: ReadonlySet<string> } | { readonly state: 'incomplete'; readonly why: string };

export interface GarbageRules {
  /** Every child carries it; an object without it is never touched. */
  readonly label: { readonly key: string; readonly value: string };
  readonly owner: {
    readonly uid: string;
    /** Label that names the owner's uid, for children in another namespace or of a cluster-scoped kind, where an owner reference cannot. */
    readonly uidLabel?: string;
  };
  readonly desired: DesiredChildren;
  /** Wall clock, milliseconds since the epoch. */
  readonly nowMs: number;
  /** Children younger than so many milliseconds stay; default 0. */
  readonly graceMs?: number;
  /** Most children that one decision gives up; default: all. */
  readonly limit?: number;
}

/** Why a child stays, or that it goes. */
export type GarbageVerdict =
  | 'garbage'
  | 'desired'
  | 'undecided: desired incomplete'
  | 'unlabelled'
  | 'not owned'
  | 'controlled by another'
  | 'deleting already'
  /** Another owner, controller or not, may live and need it. Kubernetes itself takes references to owners that are gone away, after which it is judged anew. */
  | 'owned by others too'
  | 'young'
  | 'without uid or version'
  | 'over the limit';

export interface JudgedChild extends Child {
  readonly verdict: GarbageVerdict;
}

/** Names an object across kinds; the version does not count. */
export function childId(type: Pick<ResourceType, 'group' | 'plural'>, key: ObjectKey): string {
  return `${type.plural}.${type.group}/${formatKey(key)}`;
}

/** Which of `children` are to go. Decides by what the objects say alone: whatever is missing in one keeps it. Throws RangeError for a limit or grace below 0. */
export function judgeChildren(children: readonly Child[], rules: GarbageRules): JudgedChild[] {
  const { limit = Number.POSITIVE_INFINITY, graceMs = 0 } = rules;
  if (!(limit >= 0)) throw new RangeError(`limit is ${limit}; give 0 or more`);
  if (!(graceMs >= 0)) throw new RangeError(`graceMs is ${graceMs}; give 0 or more`);
  if (rules.owner.uid === '' || rules.label.key === '') throw new RangeError('owner.uid and label.key must not be empty; they say whose the children are');
  let given = 0;
  // By name, so that a limit always takes the same ones first.
  const ordered = children.toSorted((left, right) => (idOf(left) < idOf(right) ? -1 : 1));
  return ordered.map((child) => {
    const verdict = judge(child, rules);
    if (verdict !== 'garbage') return { ...child, verdict };
    given += 1;
    return { ...child, verdict: given > limit ? 'over the limit' : 'garbage' };
  });
}

function judge(child: Child, rules: GarbageRules): GarbageVerdict {
  const { metadata } = child.object;
  const { label, owner, desired, nowMs, graceMs = 0 } = rules;
  if (metadata.labels?.[label.key] !== label.value) return 'unlabelled';
  if (!isOwned(child.object, owner)) return 'not owned';
  const controller = controllerOf(child.object);
  if (controller !== undefined && controller.uid !== owner.uid) return 'controlled by another';
  if (desired.state === 'incomplete') return 'undecided: desired incomplete';
  if (desired.ids.has(idOf(child))) return 'desired';
  if (metadata.deletionTimestamp !== undefined) return 'deleting already';
  if (metadata.ownerReferences?.some(({ uid }) => uid !== owner.uid)) return 'owned by others too';
  if (!metadata.uid || !metadata.resourceVersion) return 'without uid or version';
  // A child without a readable time of creation is of unknown age, which is NaN and never old enough.
  if (graceMs > 0 && !(nowMs - Date.parse(metadata.creationTimestamp ?? '') >= graceMs)) return 'young';
  return 'garbage';
}

function isOwned(object: KubeObject, { uid, uidLabel }: GarbageRules['owner']): boolean {
  if ((object.metadata.ownerReferences ?? []).some((reference) => reference.uid === uid)) return true;
  return uidLabel !== undefined && object.metadata.labels?.[uidLabel] === uid;
}

function idOf({ type, object }: Child): string {
  return childId(type, keyOf(object));
}
