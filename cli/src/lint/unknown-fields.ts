import { nearestName } from '@sluice/crds';
import { type PathPart, pathText, type Problem } from './problem.ts';
import { quote } from './quote.ts';
import { isRecord, propertiesOf, visit, type Schema, type Visit } from './schema-visit.ts';

export interface UnknownField extends Problem {
  /** The field that was meant, where it is not written beside; not set where none is alike. */
  readonly meant?: readonly PathPart[];
}

/** Fields that no schema knows, which the API server refuses from kubectl and drops from others. */
export function unknownFields(schema: Schema, value: unknown): UnknownField[] {
  return [...visit(schema, value, [])].flatMap(unknownMembers);
}

function unknownMembers({ schema, value, path }: Visit): UnknownField[] {
  if (!isRecord(value) || schema['x-kubernetes-preserve-unknown-fields'] === true || schema['additionalProperties'] !== undefined) return [];
  const known = Object.keys(propertiesOf(schema));
  return Object.keys(value)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const nearest = nearestName(name, known);
      return {
        path: pathText([...path, name]),
        finding: `is no known field (it holds ${quote(value[name], [...path, name])})`,
        fix: nearest === undefined ? `remove it; known here: ${known.join(', ')}` : `write "${nearest}"`,
        ...(nearest === undefined || value[nearest] !== undefined ? {} : { meant: [...path, nearest] }),
      };
    });
}
