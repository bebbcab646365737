import { isDeepStrictEqual } from 'node:util';

type Json = Readonly<Record<string, unknown>>;

/** The JSON merge patch (RFC 7386) that turns `before` into `after`, as Argo CD computes it from what an action returned. */
export function mergePatchOf(before: Json, after: Json): Json {
  const patch: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [before[key], after[key]];
    if (now === undefined) patch[key] = null;
    else if (isObject(old) && isObject(now)) {
      const inner = mergePatchOf(old, now);
      if (Object.keys(inner).length > 0) patch[key] = inner;
    } else if (!isDeepStrictEqual(old, now)) patch[key] = now;
  }
  return patch;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Lua does not tell an empty object from an empty list, so Argo CD puts back what was empty before. */
export function withEmptyObjects(after: unknown, before: unknown): unknown {
  if (Array.isArray(after)) {
    if (after.length === 0 && isObject(before)) return before;
    return Array.isArray(before) ? after.map((item, index) => withEmptyObjects(item, before[index])) : after;
  }
  if (!isObject(after) || !isObject(before)) return after;
  return Object.fromEntries(Object.entries(after).map(([key, value]) => [key, withEmptyObjects(value, before[key])]));
}
