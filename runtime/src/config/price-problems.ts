import type { AgentBundle } from '@sluice/crds';
import type { ConfigProblem } from './config-error.ts';

const fix = 'Add the model to spec.prices of its ModelProvider';

interface PricedModel {
  readonly field: string;
  readonly name: string;
  readonly price: AgentBundle['model']['price'];
}

function models({ model }: AgentBundle): readonly PricedModel[] {
  return [
    { field: 'model', name: model.name, price: model.price },
    ...(model.fallbacks ?? []).map(({ name, price }, index) => ({ field: `model.fallbacks[${index}]`, name, price })),
    ...(model.tiers ?? []).map(({ name, price }, index) => ({ field: `model.tiers[${index}]`, name, price })),
  ];
}

function dollarBudget({ budgets = {} }: AgentBundle): string | undefined {
  return (['perRequest', 'perTenantPerDay', 'perDay'] as const).find((name) => budgets[name]?.maxDollars !== undefined);
}

/** A budget in dollars needs the prices of all models, and the cost of a request is known only when all have one, or none. */
export function priceProblems(bundle: AgentBundle): ConfigProblem[] {
  const budget = dollarBudget(bundle);
  const all = models(bundle);
  const isMeasured = all.some(({ price }) => price !== undefined);
  return all.flatMap(({ field, name, price }) => {
    if (price !== undefined) return [];
    if (budget !== undefined) return [{ field: `${field}.price`, value: name, problem: `is not set, so the model could not be called under budgets.${budget}.maxDollars`, fix: `${fix}, or limit maxTokens instead` }];
    return isMeasured ? [{ field: `${field}.price`, value: name, problem: 'is not set although that of another model of the agent is, so costs would be counted too low', fix }] : [];
  });
}

/** Names by which replies are counted must tell the models apart. */
export function tierProblems({ model }: AgentBundle): ConfigProblem[] {
  const names = (model.tiers ?? []).map(({ tier }) => tier);
  return names.flatMap((name, index) => {
    const isTaken = names.indexOf(name) !== index || name === 'primary' || /^fallback-[0-9]+$/.test(name);
    return isTaken ? [{ field: `model.tiers[${index}].tier`, value: name, problem: 'is taken', fix: 'Give each tier a name of its own, other than primary and fallback-1' }] : [];
  });
}
