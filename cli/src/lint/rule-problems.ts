import { celCheck } from './cel-checks.ts';
import { pathText, type PathPart, type Problem } from './problem.ts';
import { quote } from './quote.ts';
import { isRecord, visit, withDefaults, type Schema, type Visit } from './schema-visit.ts';

/** Rules that the value breaks. A part that its schema refuses (`wrong`), or that holds such a part, is left to the schema's own sentence. */
export function ruleProblems(schema: Schema, manifest: unknown, wrong: readonly (readonly PathPart[])[]): Problem[] {
  return [...visit(schema, withDefaults(schema, manifest), [])].flatMap((node) => (wrong.some((path) => startsWith(path, node.path)) ? [] : brokenRules(node)));
}

function startsWith(path: readonly PathPart[], start: readonly PathPart[]): boolean {
  return start.every((part, index) => path[index] === part);
}

function brokenRules({ schema, value, path }: Visit): Problem[] {
  const rules = schema['x-kubernetes-validations'];
  if (!Array.isArray(rules)) return [];
  return rules.flatMap((rule: unknown) => {
    if (!isRecord(rule) || celCheck(String(rule['rule']))?.(value) !== false) return [];
    return [{ ...placeOf(path, value), fix: String(rule['message']) }];
  });
}

/** The rules on the whole object are about its name. */
function placeOf(path: readonly PathPart[], value: unknown): Pick<Problem, 'path' | 'finding'> {
  if (path.length > 0) return { path: pathText(path), finding: `is ${quote(value, path)}` };
  const name = isRecord(value) && isRecord(value['metadata']) ? value['metadata']['name'] : undefined;
  return { path: 'metadata.name', finding: `is ${quote(name, [])}` };
}
