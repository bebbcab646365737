import { sameQuantity } from './quantity.ts';

/** Lists the API server merges by key, as other writers may hold elements of their own; all other lists are compared whole. */
const MERGE_KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'], initContainers: ['name'], volumes: ['name'], env: ['name'], imagePullSecrets: ['name'], volumeMounts: ['mountPath'],
  ports: ['name', 'port', 'containerPort', 'protocol'], ownerReferences: ['uid'], conditions: ['type'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
};
/** Lists the API server treats as sets. */
const SETS: readonly string[] = ['finalizers'];
/** Maps that vanish when empty. */
const OPTIONAL_MAPS: readonly string[] = ['labels', 'annotations', 'matchLabels', 'nodeSelector', 'data', 'binaryData'];
const QUANTITY_MAPS: readonly string[] = ['requests', 'limits', 'capacity', 'hard'];

/**
 * Where `desired` is not contained in `actual`, as paths like `spec.template.spec.containers[0].image`; empty when it is. Members that
 * only `actual` has (defaults, other managers' fields) do not count. Leave out false, 0 and '' that equal the default of a field the
 * API server omits: they count as differences, since for other fields they are not the default.
 */
export function differences(desired: unknown, actual: unknown): string[] {
  const found: string[] = [];
  compare(desired, actual, { path: '', name: '', parent: '' }, found);
  return found;
}

interface Place {
  readonly path: string;
  /** Of the nearest named member. */
  readonly name: string;
  readonly parent: string;
}

function compare(desired: unknown, actual: unknown, place: Place, found: string[]): void {
  if (desired === undefined || desired === actual) return;
  if (Array.isArray(desired)) return compareLists(desired, actual, place, found);
  if (isMap(desired)) return compareMaps(desired, actual, place, found);
  if (desired === null && actual === undefined) return;
  if (QUANTITY_MAPS.includes(place.parent) && sameQuantity(desired, actual)) return;
  found.push(place.path);
}

function compareMaps(desired: Readonly<Record<string, unknown>>, actual: unknown, place: Place, found: string[]): void {
  const absent = actual === undefined || actual === null;
  if (absent && Object.keys(desired).length === 0 && OPTIONAL_MAPS.includes(place.name)) return;
  if (!isMap(actual)) {
    found.push(place.path);
    return;
  }
  for (const [name, value] of Object.entries(desired)) {
    compare(value, actual[name], { path: place.path === '' ? name : `${place.path}.${name}`, name, parent: place.name }, found);
  }
}

function compareLists(desired: readonly unknown[], actual: unknown, place: Place, found: string[]): void {
  const list: readonly unknown[] = Array.isArray(actual) ? actual : [];
  const keys = MERGE_KEYS[place.name];
  if (SETS.includes(place.name)) {
    if (!desired.every((item) => list.includes(item))) found.push(place.path);
  } else if (keys && desired.every(isMap)) {
    desired.forEach((item, index) => compare(item, partner(item, list, keys), inList(place, index), found));
  } else if (desired.length === list.length) {
    desired.forEach((item, index) => compare(item, list[index], inList(place, index), found));
  } else {
    found.push(place.path);
  }
}

/** The element that agrees with `item` in every key that `item` gives. */
function partner(item: Readonly<Record<string, unknown>>, list: readonly unknown[], keys: readonly string[]): unknown {
  return list.find((candidate) => isMap(candidate) && keys.every((key) => item[key] === undefined || item[key] === candidate[key]));
}

function inList(place: Place, index: number): Place {
  return { path: `${place.path}[${index}]`, name: '', parent: place.name };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
