import { pathText, type Problem } from './problem.ts';
import { quote } from './quote.ts';
import { isRecord, visit, type Schema, type Visit } from './schema-visit.ts';

/** Items that appear twice in a list that the API server keeps as a map or as a set. */
export function listDuplicates(schema: Schema, value: unknown): Problem[] {
  return [...visit(schema, value, [])].flatMap(duplicates);
}

function duplicates({ schema, value, path }: Visit): Problem[] {
  const kind = schema['x-kubernetes-list-type'];
  if (!Array.isArray(value) || (kind !== 'map' && kind !== 'set')) return [];
  const keys = schema['x-kubernetes-list-map-keys'] as readonly string[] | undefined;
  const seen = new Set<string>();
  return value.flatMap((item: unknown, index) => {
    const identity = JSON.stringify(kind === 'set' ? item : (keys ?? []).map((key) => (isRecord(item) ? item[key] : undefined)));
    if (!seen.has(identity)) {
      seen.add(identity);
      return [];
    }
    return [{ path: pathText([...path, index]), finding: kind === 'set' ? `is ${quote(item, path)}, which is in the list already` : `has the ${keys?.join(', ')} of an item before it (${identity.slice(1, -1)})`, fix: kind === 'set' ? 'remove it' : 'rename or remove one of the two' }];
  });
}
