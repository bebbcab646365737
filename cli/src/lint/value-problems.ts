import type { KindDefinition } from '@sluice/crds';
import { expectation } from './expectation.ts';
import { pathText, type PathPart, type Problem } from './problem.ts';
import { quote } from './quote.ts';
import { isRecord, schemaAt, type Schema } from './schema-visit.ts';

export interface ValueProblem extends Problem {
  readonly parts: readonly PathPart[];
}

/** What the zod schema of the kind says of a spec: types, required fields, bounds, choices. */
export function valueProblems({ spec }: KindDefinition, schema: Schema, manifest: Readonly<Record<string, unknown>>): ValueProblem[] {
  const result = spec.safeParse(manifest['spec']);
  const issues = result.error?.issues ?? [];
  const places = new Map(issues.map(({ path }) => ['spec', ...path].map(part)).map((parts) => [pathText(parts), parts]));
  return [...places.values()].map((parts) => problemAt(schema, manifest, parts));
}

function part(key: PropertyKey): PathPart {
  return typeof key === 'number' ? key : String(key);
}

function problemAt(schema: Schema, manifest: Readonly<Record<string, unknown>>, parts: readonly PathPart[]): ValueProblem {
  const value = parts.reduce<unknown>((node, key) => (isRecord(node) || Array.isArray(node) ? Reflect.get(node, key) : undefined), manifest);
  return {
    parts,
    path: pathText(parts),
    finding: value === undefined ? 'is missing' : `is ${quote(value, parts)}`,
    fix: expectation(schemaAt(schema, parts) ?? {}),
  };
}
