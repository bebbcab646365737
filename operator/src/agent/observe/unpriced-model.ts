import type { AgentDeployment, ModelProvider } from '@sluice/crds';
import type { UnpricedModel } from '../observation.ts';

/** The agent's model where an objective is about its cost and its ModelProvider names no price of it. */
export function unpricedModel({ spec }: Pick<AgentDeployment, 'spec'>, provider: ModelProvider | undefined): UnpricedModel | undefined {
  const costs = (spec.rollout?.gates?.objectives ?? []).some(({ cost }) => cost !== undefined);
  const { model: { name: model } } = spec.agent;
  const priced = (provider?.spec.prices ?? []).map((price) => price.model);
  return !costs || provider === undefined || priced.includes(model) ? undefined : { provider: provider.metadata.name, model, priced };
}
