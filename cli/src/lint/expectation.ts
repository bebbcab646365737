import type { Schema } from './schema-visit.ts';
import { propertiesOf, isRecord } from './schema-visit.ts';

type Words = (schema: Schema) => string;

const wordsByType: Readonly<Record<string, Words>> = {
  integer: (schema) => `an integer${range(schema, 'minimum', 'maximum')}`,
  number: (schema) => `a number${range(schema, 'minimum', 'maximum')}`,
  string: (schema) => `a text${range(schema, 'minLength', 'maxLength', ' characters')}`,
  boolean: () => 'true or false',
  array: (schema) => `a list${range(schema, 'minItems', 'maxItems', ' items')}`,
  object: (schema) => {
    const fields = (schema['required'] as readonly string[] | undefined) ?? Object.keys(propertiesOf(schema));
    return fields.length === 0 ? 'an object' : `an object with ${fields.join(', ')}`;
  },
};

/** What a field must hold, in words: "write an integer between 1 and 100". */
export function expectation(schema: Schema): string {
  const { type, enum: choices } = schema;
  if (Array.isArray(choices)) return `write one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`;
  const words = wordsByType[String(type)]?.(schema) ?? 'a value';
  const [rule] = type === 'object' || type === 'array' ? [] : celMessages(schema);
  return rule === undefined ? `write ${words}` : `write ${words}: ${rule}`;
}

function range(schema: Schema, low: string, high: string, unit = ''): string {
  const [from, to] = [schema[low], schema[high]] as readonly (number | undefined)[];
  if (from === undefined && to === undefined) return '';
  if (to === undefined) return ` of at least ${from}${unit}`;
  if (from === undefined) return ` of at most ${to}${unit}`;
  return unit === '' ? ` between ${from} and ${to}` : ` of ${from} to ${to}${unit}`;
}

function celMessages(schema: Schema): string[] {
  const rules = schema['x-kubernetes-validations'];
  return Array.isArray(rules) ? rules.flatMap((rule: unknown) => (isRecord(rule) && typeof rule['message'] === 'string' ? [rule['message']] : [])) : [];
}
