import { type AgentDeploymentSpec, agentDeploymentSpec, type EvalSuiteSpec, type ModelProviderSpec, nearestName } from '@sluice/crds';

/** What is given of the objects that an agent names; undefined: no file holds it. */
export interface GivenSpecs {
  readonly provider: (name: string) => Partial<ModelProviderSpec> | undefined;
  readonly suite: (name: string) => Partial<EvalSuiteSpec> | undefined;
}

/** What an agent measures in dollars with a model that its ModelProvider has no price for: it would never be measured, and guard nothing. */
export function unpricedWarnings(spec: unknown, given: GivenSpecs): string[] {
  const parsed = agentDeploymentSpec.safeParse(spec);
  if (!parsed.success) return [];
  const { model } = parsed.data.agent;
  const provider = given.provider(model.providerRef.name);
  if (provider === undefined) return [];
  const judges = unpricedJudges(parsed.data, given, provider);
  if (pricedModels(provider).includes(model.name)) return judges;
  const agents = inDollars(parsed.data, given).map(({ path, consequence }) => `${path}: ModelProvider "${model.providerRef.name}" has no price for model "${model.name}" (spec.agent.model.name), so ${consequence}: ${remedy(model.name, pricedModels(provider))}`);
  return [...agents, ...judges];
}

/** A model that judges is paid for, too. Where a provider has no prices at all, and nothing is to be held in dollars, nobody wants to know. */
function unpricedJudges({ agent, rollout }: AgentDeploymentSpec, { suite }: GivenSpecs, provider: Partial<ModelProviderSpec>): string[] {
  const priced = pricedModels(provider);
  return (rollout?.gates?.evals ?? []).flatMap(({ suiteRef: { name } }, index) => {
    const { judge, budget } = suite(name) ?? {};
    const told = judge?.model !== undefined && judge.model !== agent.model.name && !priced.includes(judge.model) && (priced.length > 0 || budget?.dollars !== undefined);
    if (!told) return [];
    const consequence = budget?.dollars === undefined ? 'what its judgements cost is not known' : `spec.budget.dollars of EvalSuite "${name}" cannot be held and its runs are NotMeasured`;
    return [`spec.rollout.gates.evals[${index}].suiteRef: ModelProvider "${agent.model.providerRef.name}" has no price for model "${judge.model}" (spec.judge.model of EvalSuite "${name}"), so ${consequence}: ${remedy(judge.model, priced)}`];
  });
}

function pricedModels({ prices }: Partial<ModelProviderSpec>): readonly string[] {
  return Array.isArray(prices) ? prices.map(({ model }) => model) : [];
}

function remedy(model: string, priced: readonly string[]): string {
  if (priced.length === 0) return 'name it in spec.prices of the ModelProvider, which has none';
  const nearest = nearestName(model, priced);
  const others = `there are prices for ${priced.map((name) => `"${name}"`).join(', ')}`;
  return nearest === undefined ? `name it in spec.prices of the ModelProvider; ${others}` : `write "${nearest}" in one of the two places, or name it in spec.prices too; ${others}`;
}

interface Measured {
  readonly path: string;
  readonly consequence: string;
}

function inDollars({ rollout }: AgentDeploymentSpec, { suite }: GivenSpecs): Measured[] {
  const { objectives = [], evals = [] } = rollout?.gates ?? {};
  return [
    ...objectives.flatMap(({ name, cost }, index) => (cost === undefined ? [] : [{ path: `spec.rollout.gates.objectives[${index}].cost`, consequence: `"${name}" is never measured and guards nothing` }])),
    ...evals.flatMap(({ suiteRef: { name } }, index) => bounded(suite(name)).map((bound) => ({ path: `spec.rollout.gates.evals[${index}].suiteRef`, consequence: `${bound} of EvalSuite "${name}" cannot be held and its runs are NotMeasured` }))),
  ];
}

function bounded({ budget, cases = [] }: Partial<EvalSuiteSpec> = {}): string[] {
  const dear = Array.isArray(cases) ? cases.findIndex(isDear) : -1;
  return [...(budget?.dollars === undefined ? [] : ['spec.budget.dollars']), ...(dear === -1 ? [] : [`spec.cases[${dear}].expect.maxCostDollars`])];
}

/** A suite that its schema refuses is told of elsewhere. */
function isDear(each: { readonly expect?: { readonly maxCostDollars?: number | undefined } | undefined }): boolean {
  return each.expect?.maxCostDollars !== undefined;
}
