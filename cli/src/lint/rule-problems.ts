import { durationPattern } from '@sluice/crds';
import { celCheck } from './cel-checks.ts';
import { pathText, type PathPart, type Problem } from './problem.ts';
import { quote } from './quote.ts';
import { isRecord, visit, withDefaults, type Schema, type Visit } from './schema-visit.ts';

const hoursPerDay = 24;

/** Rules that the value breaks. A part that its schema refuses (`wrong`), or that holds such a part, is left to the schema's own sentence. */
export function ruleProblems(schema: Schema, manifest: unknown, wrong: readonly (readonly PathPart[])[]): Problem[] {
  return [...visit(schema, withDefaults(schema, manifest), [])].flatMap((node) => (wrong.some((path) => startsWith(path, node.path)) ? [] : brokenRules(node, manifest)));
}

function startsWith(path: readonly PathPart[], start: readonly PathPart[]): boolean {
  return start.every((part, index) => path[index] === part);
}

/** Rules hold with the defaults; what is quoted is what was written. */
function brokenRules({ schema, value, path }: Visit, manifest: unknown): Problem[] {
  const rules = schema['x-kubernetes-validations'];
  if (!Array.isArray(rules)) return [];
  return rules.flatMap((rule: unknown) => {
    if (!isRecord(rule) || celCheck(String(rule['rule']))?.(value) !== false) return [];
    return [{ ...placeOf(path, writtenAt(manifest, path) ?? value, String(rule['rule'])), fix: `${String(rule['message'])}${unitsHint(String(rule['rule']), value)}` }];
  });
}

function writtenAt(manifest: unknown, path: readonly PathPart[]): unknown {
  return path.reduce<unknown>((node, part) => (isRecord(node) || Array.isArray(node) ? Reflect.get(node, part) : undefined), manifest);
}

/** The rules on the whole object are about its name, or about who depends on it; that steps must rise is about the first one that falls. */
function placeOf(path: readonly PathPart[], value: unknown, rule: string): Pick<Problem, 'path' | 'finding'> {
  const fallen = rule.includes('isSorted') && Array.isArray(value) ? fallenStep(value, path) : undefined;
  if (fallen !== undefined) return fallen;
  // What an object holds is not what is wrong with it: the rule names the fields.
  if (path.length > 0) return { path: pathText(path), finding: isRecord(value) ? 'is not taken as it is' : `is ${quote(value, path)}` };
  const name = isRecord(value) && isRecord(value['metadata']) ? value['metadata']['name'] : undefined;
  const itself = rule.includes('dependsOn') && isRecord(value) ? dependenciesOf(value).findIndex((other) => isRecord(other) && other['name'] === name) : -1;
  return { path: itself === -1 ? 'metadata.name' : pathText(['spec', 'rollout', 'dependsOn', itself, 'name']), finding: `is ${quote(name, [])}` };
}

function dependenciesOf({ spec }: Readonly<Record<string, unknown>>): readonly unknown[] {
  const rollout = isRecord(spec) ? spec['rollout'] : undefined;
  const dependencies: unknown = isRecord(rollout) ? rollout['dependsOn'] : undefined;
  return Array.isArray(dependencies) ? dependencies : [];
}

function fallenStep(steps: readonly unknown[], path: readonly PathPart[]): Pick<Problem, 'path' | 'finding'> | undefined {
  const weights = steps.map((step) => (isRecord(step) && typeof step['weight'] === 'number' ? step['weight'] : undefined));
  const index = weights.findIndex((weight, place) => place > 0 && (weight ?? -1) < (weights[place - 1] ?? -1));
  if (index === -1) return undefined;
  const weight = weights[index];
  const before = `${weights[index - 1] ?? 0} of the step before`;
  if (weight === undefined) return { path: pathText([...path, index]), finding: `mirrors after the weight ${before}` };
  return { path: pathText([...path, index, 'weight']), finding: `is ${weight}, less than the ${before}` };
}

function unitsHint(rule: string, value: unknown): string {
  if (!/\bduration\(self\)/.test(rule) || typeof value !== 'string' || durationPattern.test(value)) return '';
  const days = /^(\d{1,3})d$/.exec(value)?.[1];
  return `; its units are h, m, s and ms, each at most once and in this order${days === undefined ? '' : `: write "${Number(days) * hoursPerDay}h"`}`;
}
