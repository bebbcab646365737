import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject } from '../platform/json-object.ts';

/** One thing that a write would change. */
export interface Change {
  /** A JSON pointer (RFC 6901) into the arguments. */
  readonly path: string;
  /** What is there; not set: nothing is known. */
  readonly from?: unknown;
  readonly to: unknown;
}

/** So that whoever approves can read it. */
const maximumChanges = 100;

function escape(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function changes(before: unknown, proposed: unknown, path: string): readonly Change[] {
  if (isJsonObject(proposed)) {
    const known = isJsonObject(before) ? before : {};
    return Object.entries(proposed).flatMap(([name, value]) => changes(Object.hasOwn(known, name) ? known[name] : undefined, value, `${path}/${escape(name)}`));
  }
  if (before === undefined) return [{ path, to: proposed }];
  return isDeepStrictEqual(before, proposed) ? [] : [{ path, from: before, to: proposed }];
}

/** What `proposed` would change of `before`; members that only `before` has stay as they are. At most 100 changes. */
export function differences(before: unknown, proposed: JsonObject): readonly Change[] {
  return changes(before, proposed, '').slice(0, maximumChanges);
}
