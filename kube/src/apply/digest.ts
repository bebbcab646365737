import { hash } from 'node:crypto';

/** A short digest of a JSON value that does not depend on the order of members. */
export function digestOf(value: unknown): string {
  return hash('sha256', JSON.stringify(canonical(value)) ?? '').slice(0, 16);
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const sorted = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, member]) => [name, canonical(member)]));
}
