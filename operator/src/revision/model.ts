import type { AgentBundle, AgentDeployment, BundleModel, ModelProvider } from '@sluice/crds';
import { defined } from './defined.ts';
import { invalidSpec, shown } from './error.ts';
import { milliseconds } from './milliseconds.ts';

type AgentModel = AgentDeployment['spec']['agent']['model'];
type OtherModel = NonNullable<AgentModel['fallbacks']>[number];
type Target = NonNullable<BundleModel['fallbacks']>[number];

const defaultMaxOutputTokens = 1024;
const defaultTtl = '10m';
const defaultEntries = 1_000;
const field = 'spec.agent.model';

/** The providers of an agent: its own, and those that stand in for it. */
export interface AgentProviders {
  readonly own: ModelProvider;
  readonly others: readonly ModelProvider[];
}

/** Names of the ModelProviders that an agent names beside its own, in the order of their names. */
export function otherProviderNames({ spec: { agent } }: Pick<AgentDeployment, 'spec'>): string[] {
  const { providerRef, fallbacks = [], tiers = [] } = agent.model;
  const names = [...fallbacks, ...tiers].flatMap((each) => (each.providerRef === undefined ? [] : [each.providerRef.name]));
  return [...new Set(names)].filter((name) => name !== providerRef.name).toSorted();
}

function parametersOf(parameters: AgentModel['parameters']): BundleModel['parameters'] {
  return { ...defined(parameters ?? {}), maxOutputTokens: parameters?.maxOutputTokens ?? defaultMaxOutputTokens };
}

function priceOf(model: string, { spec }: ModelProvider): AgentBundle['model']['price'] {
  const found = spec.prices?.find((price) => price.model === model);
  if (found === undefined) return undefined;
  const { model: _name, ...price } = found;
  return defined(price);
}

function targetOf({ providerRef, model, parameters }: OtherModel, at: string, { own, others }: AgentProviders): Target {
  const name = providerRef?.name ?? own.metadata.name;
  const isOwn = name === own.metadata.name;
  const provider = isOwn ? own : others.find((each) => each.metadata.name === name);
  if (provider === undefined) throw invalidSpec(`${at}.providerRef.name`, `is ${shown(name)}: there is no such ModelProvider; create it`);
  const { kind, endpoint } = provider.spec;
  return { provider: defined({ kind, endpoint, name: isOwn ? undefined : name }), name: model, parameters: parametersOf(parameters), ...defined({ price: priceOf(model, provider) }) };
}

function limitsOf({ tryTimeout, retries, hedging, responseCache, promptCaching }: AgentModel): Partial<BundleModel> {
  return defined({
    tryTimeoutMs: tryTimeout === undefined ? undefined : milliseconds(`${field}.tryTimeout`, tryTimeout),
    retries: retries === undefined ? undefined : { max: retries.max ?? 2, budgetPercent: retries.budgetPercent ?? 20 },
    hedging: hedging === undefined ? undefined : { afterMs: milliseconds(`${field}.hedging.after`, hedging.after) },
    promptCaching,
    responseCache: responseCache === undefined ? undefined : { ttlMs: milliseconds(`${field}.responseCache.ttl`, responseCache.ttl ?? defaultTtl), maxEntries: responseCache.maxEntries ?? defaultEntries },
  });
}

/** The model with all that stands in for it. Throws RevisionError (InvalidSpec) for a provider that is not there. */
export function renderModel(model: AgentModel, providers: AgentProviders): BundleModel {
  const { kind, endpoint } = providers.own.spec;
  return {
    provider: defined({ kind, endpoint }),
    name: model.name,
    parameters: parametersOf(model.parameters),
    ...defined({
      price: priceOf(model.name, providers.own),
      fallbacks: model.fallbacks?.map((each, index) => targetOf(each, `${field}.fallbacks[${index}]`, providers)),
      tiers: model.tiers?.map((each, index) => ({
        ...targetOf(each, `${field}.tiers[${index}]`, providers),
        tier: each.name,
        ...defined({ workflows: each.workflows?.toSorted(), maxInputCharacters: each.maxInputCharacters }),
      })),
    }),
    ...limitsOf(model),
  };
}
