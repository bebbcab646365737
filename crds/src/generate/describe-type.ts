import type { StructuralSchema } from '../structural-schema.ts';

/** The type of a schema for readers: its name, its choices and its bounds, for example "integer, 1 to 100". */
export function describeType(node: StructuralSchema): string {
  const item = node['items'] as StructuralSchema | undefined;
  if (item !== undefined) return [`list of ${describeType(item)}`, bounds(node['minItems'], node['maxItems'], 'items')].filter(Boolean).join('; ');
  const values = node['additionalProperties'] as StructuralSchema | undefined;
  if (values !== undefined) return `map of ${describeType(values)}`;
  const choices = node['enum'];
  if (Array.isArray(choices)) return choices.map((choice) => `\`${String(choice)}\``).join(' or ');
  if (node['x-kubernetes-preserve-unknown-fields'] === true) return 'object, any fields';
  if (node['format'] === 'date-time') return 'time (RFC 3339)';
  const name = typeof node['type'] === 'string' ? node['type'] : 'any';
  const range = name === 'string' ? bounds(node['minLength'], node['maxLength'], 'characters') : bounds(node['minimum'], node['maximum']);
  return range === '' ? name : `${name}, ${range}`;
}

function bounds(low: unknown, high: unknown, unit?: string): string {
  const suffix = unit === undefined ? '' : ` ${unit}`;
  if (typeof low === 'number' && typeof high === 'number') return `${low} to ${high}${suffix}`;
  if (typeof low === 'number') return `at least ${low}${suffix}`;
  return typeof high === 'number' ? `at most ${high}${suffix}` : '';
}
