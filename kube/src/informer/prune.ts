import type { KubeObject } from '../object.ts';

/** What to leave out of the cache: paths to drop, or a function that returns a smaller object. */
export type Prune<T extends KubeObject> = readonly string[] | ((object: T) => T);

type Step = { readonly key: string } | 'each';

/** Members of metadata by which the cache tells objects and versions apart. */
const IDENTITY = new Set(['name', 'namespace', 'uid', 'resourceVersion']);
const STEP = /(?:^|(?!^)\.)([A-Za-z_$][\w$-]*)|\["([^"\]]+)"\]|(\[\*\])/y;

/**
 * Makes the function that shrinks an object before it is cached: what `prune` says goes, and then `metadata.managedFields`, often half of an
 * object and of use to the API server only, but for what `fieldManager` applied, if it is named; a function still sees it. A path reads
 * `spec.template`, `metadata.annotations["example.com/key"]` or `spec.containers[*].env`; what an object does not have is no error. The object given is changed: it must be the caller's own.
 * Throws RangeError for a path that cannot be read, or that would drop what identifies an object.
 */
export function pruner<T extends KubeObject>(prune: Prune<T> | undefined, fieldManager?: string): (object: T) => T {
  if (prune === undefined) return (object) => dropManagedFields(object, fieldManager);
  if (typeof prune === 'function') return (object) => dropManagedFields(prune(object), fieldManager);
  const paths = prune.map(parsePath);
  return (object) => {
    dropManagedFields(object, fieldManager);
    for (const path of paths) dropped(object, path, 0);
    return object;
  };
}

function dropManagedFields<T extends KubeObject>(object: T, fieldManager: string | undefined): T {
  const { managedFields } = object.metadata;
  if (managedFields === undefined) return object;
  const kept = fieldManager === undefined || !Array.isArray(managedFields) ? [] : managedFields.filter((entry) => isAppliedBy(entry, fieldManager));
  object.metadata = kept.length === 0 ? without(object.metadata, 'managedFields') : { ...object.metadata, managedFields: kept };
  return object;
}

function isAppliedBy(entry: unknown, fieldManager: string): boolean {
  const { manager, operation, subresource } = (entry ?? {}) as { manager?: unknown; operation?: unknown; subresource?: unknown };
  return manager === fieldManager && operation === 'Apply' && !subresource;
}

function dropped(value: unknown, path: readonly Step[], at: number): unknown {
  const step = path[at];
  if (step === undefined || typeof value !== 'object' || value === null) return value;
  if (step === 'each') {
    if (Array.isArray(value)) value.forEach((member, index) => { value[index] = dropped(member, path, at + 1); });
    return value;
  }
  if (Array.isArray(value) || !Object.hasOwn(value, step.key)) return value;
  const owner = value as Record<string, unknown>;
  if (at === path.length - 1) return without(owner, step.key);
  owner[step.key] = dropped(owner[step.key], path, at + 1);
  return owner;
}

/** A copy without `key`: `delete` would turn the object into a slow and large dictionary. */
function without<O extends object>(object: O, key: keyof O & string): O {
  const { [key]: _, ...rest } = object;
  return rest as O;
}

function parsePath(text: string): Step[] {
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  for (let end = 0; end < text.length; end = STEP.lastIndex) {
    const match = STEP.exec(text);
    if (!match) throw new RangeError(`prune: the path '${text}' cannot be read from position ${end}: write it like metadata.annotations["example.com/key"] or spec.containers[*].env`);
    const key = match[1] ?? match[2];
    steps.push(key === undefined ? 'each' : { key });
  }
  if (steps.length < 2 || steps.at(-1) === 'each') throw new RangeError(`prune: the path '${text}' must end in the name of a field below a top-level one, such as spec.template`);
  if (identifies(steps)) throw new RangeError(`prune: '${text}' identifies an object and cannot be dropped: leave it out of prune`);
  return steps;
}

function identifies([first, second, ...rest]: readonly Step[]): boolean {
  if (first === undefined || second === undefined || first === 'each' || second === 'each') return false;
  return first.key === 'metadata' && rest.length === 0 && IDENTITY.has(second.key);
}
