import { hash } from 'node:crypto';

/** Lower-case hex characters of a revision name: 40 bits tell the few hundred revisions of one agent apart. */
export const revisionLength = 10;

/**
 * JSON with the keys of every object in code-unit order and without undefined members: equal values give equal text.
 * `value` must be JSON data; an undefined array element becomes null, as in JSON.stringify.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  return `{${members(value as Readonly<Record<string, unknown>>)}}`;
}

/** Compared at every look at an agent, so written for speed: sort() without a function goes by code units. */
function members(object: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const key of Object.keys(object).toSorted()) {
    const value = object[key];
    if (value !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(value)}`;
  }
  return text;
}

/** The name of a revision: the beginning of the SHA-256 of `content` in canonical JSON. */
export function revisionDigest(content: object): string {
  return hash('sha256', canonicalJson(content)).slice(0, revisionLength);
}
