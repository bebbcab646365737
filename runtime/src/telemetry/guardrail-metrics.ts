import { Counter, type Registry } from 'prom-client';
import { ruleEffects, type ObserveRule } from '../guardrails/rule-effect.ts';
import type { Traffic } from './traffic.ts';

/** `rules`: the only values of the label. Every series is there from the start, so that a rule that never acts is told from one that is not counted. */
export function createGuardrailMetrics(registry: Registry, { prefix, what }: Traffic, rules: readonly string[]): ObserveRule {
  const actions = new Counter({ name: `${prefix}guardrail_actions_total`, help: `${what}: times that a rule acted, by what it did; a request may be met by several.`, labelNames: ['rule', 'effect'] as const, registers: [registry] });
  for (const rule of rules) for (const effect of ruleEffects) actions.inc({ rule, effect }, 0);
  return ({ rule, effect }) => {
    if (rules.includes(rule)) actions.inc({ rule, effect });
  };
}
