import { type CustomLists, type ListType, listType, type Place, type Schema, schemaOf } from './list-types.ts';
import { sameBytes, sameValue } from './same-value.ts';
import { writtenForm } from './written-form.ts';

export interface Difference {
  /** Like `spec.template.spec.containers[0].image`; indexes are those of the desired list. */
  readonly path: string;
  /** What the cluster has there; undefined when nothing. */
  readonly actual: unknown;
}

export interface DifferenceOptions {
  /** For a custom kind: its lists that are merged, by member name. Its other lists are compared whole. */
  readonly lists?: CustomLists;
}

/** Maps and lists that vanish when empty. */
const OPTIONAL_MAPS: readonly string[] = ['labels', 'annotations', 'matchLabels', 'nodeSelector', 'data', 'binaryData', 'requests', 'limits', 'parameters'];

/**
 * Where `desired` is not contained in `actual`, as paths like `spec.template.spec.containers[0].image`; empty when it is. Members that
 * only `actual` has (defaults, other managers' fields) do not count, nor does `status`, which is written apart. Leave out false, 0 and ''
 * that equal the default of a field the API server omits: they count as differences, since for other fields they are not the default
 * (an Applier learns of those from the API server's answer).
 */
export function differences(desired: unknown, actual: unknown, options: DifferenceOptions = {}): string[] {
  return inspect(desired, actual, options).found.map((difference) => difference.path);
}

export interface Inspection {
  readonly found: readonly Difference[];
  /** The atomic lists that `desired` gives, as the cluster has them: nobody else may hold anything in these, but defaults are filled in. */
  readonly atomicLists: readonly Difference[];
}

/** Like {@link differences}, with what the cluster has. */
export function inspect(desired: unknown, actual: unknown, options: DifferenceOptions = {}): Inspection {
  const schema = schemaOf(desired, options.lists ?? {});
  const comparison: Comparison = { schema, secret: isMap(desired) && desired['kind'] === 'Secret' && schema.origin === 'built-in', found: [], atomicLists: [] };
  compare(isWhole(desired) ? content(desired) : desired, actual, { path: '', name: '', parent: '' }, comparison);
  return comparison;
}

function isWhole(desired: unknown): desired is Members {
  return isMap(desired) && typeof desired['apiVersion'] === 'string';
}

function content(object: Members): Members {
  const { apiVersion: _version, kind: _kind, status: _writtenApart, ...rest } = writtenForm(object);
  return rest;
}

type Members = Readonly<Record<string, unknown>>;

interface Comparison {
  readonly schema: Schema;
  readonly secret: boolean;
  readonly found: Difference[];
  readonly atomicLists: Difference[];
}

function compare(desired: unknown, actual: unknown, place: Place, comparison: Comparison): void {
  if (desired === undefined || desired === actual) return;
  if (Array.isArray(desired)) return compareLists(desired, actual, place, comparison);
  if (isMap(desired)) return compareMaps(desired, actual, place, comparison);
  if (desired === null && actual === undefined) return;
  if (comparison.secret && place.parent === 'data' && sameBytes(desired, actual)) return;
  if (!sameValue(desired, actual, place, comparison.schema)) comparison.found.push({ path: place.path, actual });
}

function compareMaps(desired: Members, actual: unknown, place: Place, comparison: Comparison): void {
  const absent = actual === undefined || actual === null;
  const members = Object.entries(desired);
  if (absent && OPTIONAL_MAPS.includes(place.name) && members.every(([, value]) => value === undefined || value === null)) return;
  if (!isMap(actual)) {
    comparison.found.push({ path: place.path, actual });
    return;
  }
  for (const [name, value] of members) {
    compare(value, actual[name], { path: place.path === '' ? name : `${place.path}.${name}`, name, parent: place.name }, comparison);
  }
}

function compareLists(desired: readonly unknown[], actual: unknown, place: Place, comparison: Comparison): void {
  const list: readonly unknown[] = Array.isArray(actual) ? actual : [];
  const kind = listType(place, comparison.schema);
  if (kind.type === 'set') {
    if (!desired.every((item) => list.includes(item))) comparison.found.push({ path: place.path, actual });
  } else if (kind.type === 'map' && desired.every(isMap)) {
    desired.forEach((item, index) => compare(item, partner(item, list, kind), inList(place, index), comparison));
  } else {
    comparison.atomicLists.push({ path: place.path, actual });
    if (desired.length < list.length || (desired.length > 0 && !Array.isArray(actual))) comparison.found.push({ path: place.path, actual });
    else desired.forEach((item, index) => compare(item, list[index], inList(place, index), comparison));
  }
}

/** The element that agrees with `item` in every key that `item` gives. */
function partner(item: Members, list: readonly unknown[], { keys }: Extract<ListType, { type: 'map' }>): unknown {
  const agreeing = list.filter((candidate) => isMap(candidate) && keys.every((key) => item[key] === undefined || item[key] === candidate[key]));
  // Where two differ in protocol alone, the one that leaves it out means TCP.
  return agreeing.find((candidate) => item['protocol'] === undefined && isMap(candidate) && candidate['protocol'] === 'TCP') ?? agreeing[0];
}

function inList(place: Place, index: number): Place {
  return { path: `${place.path}[${index}]`, name: place.name, parent: place.parent };
}

export function isMap(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
