import type { AgentBundle } from '@sluice/crds';
import { compileRules, seenThrough, type CompiledRules } from './compiled-rules.ts';
import { compileToolRule, type CompiledToolRule } from './tool-guard.ts';

type BundleGuardrails = NonNullable<AgentBundle['guardrails']>;

/** How much is at stake; answers of tier 2 leave whole. */
export type Tier = 0 | 1 | 2;

/** The rules of an agent, compiled once. */
export interface Guardrails {
  readonly input: CompiledRules;
  readonly output: CompiledRules;
  readonly tools: readonly CompiledToolRule[];
  /** The tier of a request: a workflow can raise that of the agent and never lower it. */
  readonly tierOf: (workflow: string | undefined) => Tier;
  /** `whole`: nothing of an answer may leave before all of it was judged. */
  readonly release: (workflow: string | undefined) => 'pieces' | 'whole';
  /** Names of all rules. */
  readonly ruleNames: readonly string[];
}

function asTier(tier: number): Tier {
  return tier >= 2 ? 2 : tier >= 1 ? 1 : 0;
}

function judgesWhole({ whole, topics, citations }: CompiledRules): boolean {
  return [...whole, ...topics, ...citations].some(({ action }) => action !== 'Observe');
}

/** The names of the rules of a bundle: values of a metric's label. */
export function ruleNamesOf(guardrails: BundleGuardrails | undefined): readonly string[] {
  return [...new Set([...(guardrails?.input ?? []), ...(guardrails?.output ?? []), ...(guardrails?.tools ?? [])].map(({ name }) => name))];
}

/** Throws PatternError or SchemaRuleError. */
export function compileGuardrails(guardrails: BundleGuardrails | undefined): Guardrails {
  const output = compileRules(guardrails?.output ?? []);
  const workflows = new Map((guardrails?.workflows ?? []).map(({ name, tier }) => [name, tier]));
  const tierOf = (workflow: string | undefined): Tier => asTier(Math.max(guardrails?.tier ?? 0, workflows.get(workflow ?? '') ?? 0));
  return {
    input: seenThrough(compileRules(guardrails?.input ?? [])),
    output,
    tools: (guardrails?.tools ?? []).map(compileToolRule),
    tierOf,
    release: (workflow) => (tierOf(workflow) === 2 || judgesWhole(output) ? 'whole' : 'pieces'),
    ruleNames: ruleNamesOf(guardrails),
  };
}
