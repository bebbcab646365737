import type { objectSchema } from '@sluice/crds';
import type { PathPart } from './problem.ts';

export type Schema = ReturnType<typeof objectSchema>;

export interface Visit {
  readonly schema: Schema;
  readonly value: unknown;
  readonly path: readonly PathPart[];
}

/** Every part of a value for which the schema has a node, outermost first. */
export function* visit(schema: Schema, value: unknown, path: readonly PathPart[]): Generator<Visit, void, undefined> {
  yield { schema, value, path };
  if (Array.isArray(value)) {
    const items = asSchema(schema['items']);
    if (items !== undefined) for (const [index, item] of value.entries()) yield* visit(items, item, [...path, index]);
  } else if (isRecord(value)) {
    for (const [name, member] of Object.entries(value)) {
      const child = memberSchema(schema, name);
      if (child !== undefined) yield* visit(child, member, [...path, name]);
    }
  }
}

export function memberSchema(schema: Schema, name: string): Schema | undefined {
  return asSchema(propertiesOf(schema)[name]) ?? asSchema(schema['additionalProperties']);
}

export function propertiesOf(schema: Schema): Schema {
  return Object.assign(Object.create(null) as Schema, asSchema(schema['properties']) ?? {});
}

/** The node that a path leads to. */
export function schemaAt(schema: Schema, path: readonly PathPart[]): Schema | undefined {
  let node: Schema | undefined = schema;
  for (const part of path) node = node === undefined ? undefined : typeof part === 'number' ? asSchema(node['items']) : memberSchema(node, part);
  return node;
}

/** A copy in which what is left out has the default that the API server gives it before it looks at the rules. */
export function withDefaults(schema: Schema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = asSchema(schema['items']);
    return items === undefined ? value : value.map((item) => withDefaults(items, item));
  }
  if (!isRecord(value)) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const [name, child] of Object.entries(propertiesOf(schema))) {
    const node = asSchema(child) ?? {};
    if (filled[name] === undefined && node['default'] !== undefined) filled[name] = node['default'];
  }
  return Object.fromEntries(Object.entries(filled).map(([name, member]) => [name, withDefaults(memberSchema(schema, name) ?? {}, member)]));
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asSchema(value: unknown): Schema | undefined {
  return isRecord(value) ? value : undefined;
}
