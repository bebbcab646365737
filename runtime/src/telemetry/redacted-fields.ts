import { struckOut } from './redacted-text.ts';

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !(value instanceof Error);
}

function withoutOwn(record: Readonly<Record<string, unknown>>, names: readonly string[]): Readonly<Record<string, unknown>> {
  const found = names.filter((name) => Object.hasOwn(record, name));
  return found.length === 0 ? record : { ...record, ...Object.fromEntries(found.map((name) => [name, struckOut])) };
}

/**
 * Strikes out members of these names within the members of `fields`; those of `fields` itself are the library's. It could do both, and takes five times
 * as long for a line then, though hardly one has anything within: it copies whatever it looks into.
 */
export function redactWithin(fields: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  let clean = fields;
  for (const [name, value] of Object.entries(fields)) {
    if (!isRecord(value)) continue;
    const without = withoutOwn(value, names);
    if (without === value) continue;
    clean = clean === fields ? { ...fields } : clean;
    clean[name] = without;
  }
  return clean;
}
