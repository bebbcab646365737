import { isDeepStrictEqual } from 'node:util';
import { isJsonObject } from './json-value.ts';
import { Refusal } from './refusal.ts';

interface Place {
  readonly parent: Record<string, unknown> | unknown[];
  readonly step: string;
}

/** RFC 6902 on a copy. Throws Refusal: 400 for what is no patch, 422 where an operation fails, as a `test` that does not hold. */
export function jsonPatched(document: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch) || !patch.every(isJsonObject)) throw new Refusal(400, 'BadRequest', 'the body is no JSON patch: write a list of operations');
  const holder = { root: structuredClone(document) };
  for (const operation of patch) operate(holder, operation);
  return holder.root;
}

function operate(holder: { root: unknown }, { op, path, from, value }: Readonly<Record<string, unknown>>): void {
  const at = placeOf(holder, path);
  if (op === 'test') {
    if (!isDeepStrictEqual(read(at) ?? null, value ?? null)) throw failed(`testing value ${String(path)} failed`);
  } else if (op === 'add') add(at, value);
  else if (op === 'remove') remove(at);
  else if (op === 'replace') {
    remove(at);
    add(at, value);
  } else if (op === 'copy') add(at, structuredClone(existing(placeOf(holder, from))));
  else if (op === 'move') {
    const source = placeOf(holder, from);
    const moved = existing(source);
    remove(source);
    add(placeOf(holder, path), moved);
  } else throw failed(`'${String(op)}' is no operation; use add, remove, replace, move, copy or test`);
}

function placeOf(holder: { root: unknown }, path: unknown): Place {
  if (typeof path !== 'string' || (path !== '' && !path.startsWith('/'))) throw failed(`'${String(path)}' is no JSON pointer; begin it with '/'`);
  const steps = path.split('/').map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = steps.length - 1;
  let parent: unknown = holder;
  for (const step of ['root', ...steps.slice(1)].slice(0, last)) parent = isContainer(parent) ? read({ parent, step }) : undefined;
  if (!isContainer(parent)) throw failed(`'${path}' has no parent`);
  return { parent, step: last === 0 ? 'root' : (steps[last] ?? '') };
}

function isContainer(value: unknown): value is Place['parent'] {
  return typeof value === 'object' && value !== null;
}

function read({ parent, step }: Place): unknown {
  if (!Array.isArray(parent)) return Object.hasOwn(parent, step) ? parent[step] : undefined;
  return isIndex(step) ? parent[Number(step)] : undefined;
}

function existing(place: Place): unknown {
  const value = read(place);
  if (value === undefined) throw failed(`'${place.step}' is not there`);
  return value;
}

function add({ parent, step }: Place, value: unknown): void {
  if (!Array.isArray(parent)) parent[step] = value;
  else {
    const index = step === '-' ? parent.length : Number(step);
    if ((step !== '-' && !isIndex(step)) || index > parent.length) throw failed(`'${step}' is no index of a list of ${parent.length}`);
    parent.splice(index, 0, value);
  }
}

function remove(place: Place): void {
  existing(place);
  if (Array.isArray(place.parent)) place.parent.splice(Number(place.step), 1);
  else delete place.parent[place.step];
}

function isIndex(step: string): boolean {
  return /^(?:0|[1-9]\d*)$/.test(step);
}

function failed(message: string): Refusal {
  return new Refusal(422, 'Invalid', `the JSON patch cannot be applied: ${message}`);
}
