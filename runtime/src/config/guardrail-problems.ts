import type { AgentBundle } from '@sluice/crds';
import { compileRules } from '../guardrails/compiled-rules.ts';
import { PatternError } from '../guardrails/linear-pattern.ts';
import { SchemaRuleError } from '../guardrails/json-rule.ts';
import type { ConfigProblem } from './config-error.ts';

type Rules = NonNullable<NonNullable<AgentBundle['guardrails']>[(typeof places)[number]]>;
type Rule = Rules[number];

const places = ['input', 'output', 'tools'] as const;
const kinds = ['size', 'allow', 'deny', 'pii', 'promptInjection', 'jsonSchema', 'topic', 'citation', 'maxCalls'] as const;

function kindsOf(rule: Rule): readonly string[] {
  const members: Readonly<Record<string, unknown>> = rule;
  return kinds.filter((kind) => members[kind] !== undefined);
}

function shapeProblems(rule: Rule, field: string): ConfigProblem[] {
  const found = kindsOf(rule);
  if (found.length !== 1) return [{ field, value: rule.name, problem: `has ${found.length === 0 ? 'no check' : `the checks ${found.join(' and ')}`}`, fix: 'Give each rule exactly one check; write a second rule for another' }];
  if (rule.action === 'Redact' && found[0] !== 'deny' && found[0] !== 'pii') return [{ field: `${field}.action`, value: rule.action, problem: `has nothing to strike out with ${found[0] ?? ''}`, fix: 'Use Redact with deny or pii, and Block with the others' }];
  if (rule.action === 'Redact' && 'target' in rule && rule.target === 'Arguments') return [{ field: `${field}.action`, value: rule.action, problem: 'would change the call that the model chose', fix: 'Use Block for arguments, or target: Results' }];
  return [];
}

function compileProblems(rule: Rule, field: string): ConfigProblem[] {
  try {
    compileRules([rule]);
    return [];
  } catch (error) {
    if (error instanceof PatternError) return [{ field, value: rule.name, problem: `holds a pattern that ${error.message}`, fix: 'Correct the pattern' }];
    if (error instanceof SchemaRuleError) return [{ field: `${field}.jsonSchema`, problem: error.message, fix: 'Write a schema of draft 2020-12' }];
    throw error;
  }
}

/** What the schema of the bundle cannot say about guardrails. */
export function guardrailProblems({ guardrails }: AgentBundle): ConfigProblem[] {
  return places.flatMap((place) => {
    const rules: readonly Rule[] = guardrails?.[place] ?? [];
    return rules.flatMap((rule, index) => {
      const field = `guardrails.${place}[${index}]`;
      const shape = shapeProblems(rule, field);
      return shape.length > 0 ? shape : compileProblems(rule, field);
    });
  });
}
