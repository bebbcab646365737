import type { KubeObject } from '../object.ts';
import { isMap } from './differences.ts';

interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly fieldsV1?: unknown;
}

/**
 * Fields that `fieldManager` applied before and that `desired` no longer has, as paths: applying removes them. Read from
 * `metadata.managedFields`; empty when the informer was not told to keep them (`fieldManager`).
 */
export function formerlyOwned(desired: unknown, cached: KubeObject, fieldManager: string): string[] {
  const entries = (cached.metadata.managedFields ?? []) as readonly ManagedFields[];
  const own = entries.find((entry) => entry.manager === fieldManager && entry.operation === 'Apply' && !entry.subresource);
  const found: string[] = [];
  if (own !== undefined) walk(own.fieldsV1, desired, '', found);
  return found;
}

/** `fields` is a FieldsV1 tree: `f:` a member, `k:` an element by its keys, `v:` an element by its value, `.` the node itself. */
function walk(fields: unknown, desired: unknown, path: string, found: string[]): void {
  if (!isMap(fields)) return;
  for (const [field, below] of Object.entries(fields)) {
    const text = field.slice(2);
    if (field.startsWith('f:')) step(below, isMap(desired) ? desired[text] : undefined, path === '' ? text : `${path}.${text}`, found);
    else if (field.startsWith('k:')) step(below, element(desired, JSON.parse(text)), `${path}[${text}]`, found);
    else if (field.startsWith('v:')) step(below, member(desired, text), `${path}[${text}]`, found);
  }
}

function step(below: unknown, desired: unknown, path: string, found: string[]): void {
  if (desired === undefined) found.push(path);
  else if (desired !== null) walk(below, desired, path, found);
}

/** A key that `desired` leaves out has a default; an element that gives all keys is meant rather than one that leaves some out. */
function element(desired: unknown, keys: unknown): unknown {
  if (!Array.isArray(desired) || !isMap(keys)) return undefined;
  const wanted = Object.entries(keys);
  const agreeing = desired.filter((item) => isMap(item) && wanted.every(([key, value]) => item[key] === undefined || item[key] === value));
  return agreeing.find((item) => isMap(item) && wanted.every(([key]) => item[key] !== undefined)) ?? agreeing[0];
}

function member(desired: unknown, json: string): unknown {
  return Array.isArray(desired) ? desired.find((item) => JSON.stringify(item) === json) : undefined;
}
