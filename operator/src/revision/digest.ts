import { createHash } from 'node:crypto';

/** Lower-case hex characters of a revision name: 40 bits tell the few hundred revisions of one agent apart. */
export const revisionLength = 10;

/**
 * JSON with the keys of every object in code-unit order and without undefined members: equal values give equal text.
 * `value` must be JSON data; an undefined array element becomes null, as in JSON.stringify.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) return `{${members(value).join(',')}}`;
  return JSON.stringify(value) ?? 'null';
}

function members(object: object): string[] {
  return Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, value]) => `${JSON.stringify(key)}:${canonicalJson(value)}`);
}

/** The name of a revision: the beginning of the SHA-256 of `content` in canonical JSON. */
export function revisionDigest(content: object): string {
  return createHash('sha256').update(canonicalJson(content), 'utf8').digest('hex').slice(0, revisionLength);
}
