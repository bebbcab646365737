import { createHash } from 'node:crypto';

/** Writes members in one order, so that the same JSON value has the same text. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([name, member]) => [name, canonical(member)]));
}

/** A digest of what was asked: the same for the same JSON value, whatever the order of its members. */
export function requestFingerprint(request: { readonly method: string; readonly path: string; readonly body: unknown }): string {
  return createHash('sha256').update(JSON.stringify([request.method, request.path, canonical(request.body)])).digest('base64url');
}
