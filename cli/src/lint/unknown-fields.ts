import { nearestName } from '@sluice/crds';
import { pathText, type Problem } from './problem.ts';
import { quote } from './quote.ts';
import { isRecord, propertiesOf, visit, type Schema, type Visit } from './schema-visit.ts';

/** Fields that no schema knows, which the API server refuses from kubectl and drops from others. */
export function unknownFields(schema: Schema, value: unknown): Problem[] {
  return [...visit(schema, value, [])].flatMap(unknownMembers);
}

function unknownMembers({ schema, value, path }: Visit): Problem[] {
  if (!isRecord(value) || schema['x-kubernetes-preserve-unknown-fields'] === true || schema['additionalProperties'] !== undefined) return [];
  const known = Object.keys(propertiesOf(schema));
  return Object.keys(value)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: pathText([...path, name]),
      finding: `is no known field (it holds ${quote(value[name], [...path, name])})`,
      fix: fixFor(name, known),
    }));
}

function fixFor(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? `remove it; known here: ${known.join(', ')}` : `write "${nearest}"`;
}
