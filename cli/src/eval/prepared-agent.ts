import { type AgentBundle, type AgentDeployment, agentDeploymentSpec, type ModelProvider, modelProviderSpec } from '@sluice/crds';
import type { ModelPrices } from '@sluice/operator/src/evaluation/judge-price.ts';
import { renderBundle } from '@sluice/operator/src/revision/bundle.ts';
import { otherProviderNames } from '@sluice/operator/src/revision/model.ts';
import { RevisionError } from '@sluice/operator/src/revision/error.ts';
import { badInput, checkedObject, configMapText, type Manifest } from './manifests.ts';
import { keyVariables } from './provider-key.ts';

/** An agent that can be started here. */
export interface PreparedAgent {
  readonly agent: AgentDeployment;
  readonly bundle: AgentBundle;
  /** What the models of its ModelProvider cost. */
  readonly prices: ModelPrices;
  /** The variables by which the runtime gets the provider's key; none where the provider wants none. */
  readonly keyVariables: Readonly<Record<string, string>>;
}

export interface PrepareOptions {
  /** Name of the AgentDeployment; undefined: there must be one only. */
  readonly agent: string | undefined;
  /** Searched for a ModelProvider or ConfigMap that the agent's own manifests do not hold. */
  readonly further: readonly Manifest[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The agent of these manifests, with the bundle that the operator would give its pods. Throws CliError (badInput). */
export function prepareAgent(manifests: readonly Manifest[], { agent: wanted, further, env, now }: PrepareOptions): PreparedAgent {
  const agent = agentOf(manifests, { agent: wanted, now });
  const all = [...manifests, ...further];
  const provider = providerOf(agent, agent.spec.agent.model.providerRef.name, { all, now });
  const others = otherProviderNames(agent).map((name) => providerOf(agent, name, { all, now }));
  return { agent, bundle: bundleOf(agent, provider, promptOf(agent, all), others), prices: provider.spec.prices ?? [], keyVariables: keyVariables(provider, env) };
}

/** The one AgentDeployment that is meant. Throws CliError (badInput). */
export function agentOf(manifests: readonly Manifest[], { agent, now }: Pick<PrepareOptions, 'agent' | 'now'>): AgentDeployment {
  return withNamespace(checkedObject(agentAmong(manifests, agent), { spec: agentDeploymentSpec }, now) as AgentDeployment);
}

function agentAmong(manifests: readonly Manifest[], wanted: string | undefined): Manifest {
  const agents = manifests.filter(({ kind }) => kind === 'AgentDeployment');
  const names = agents.map(({ name }) => name).join(', ');
  const chosen = wanted === undefined ? agents : agents.filter(({ name }) => name === wanted);
  const [first, second] = chosen;
  if (first === undefined) throw badInput(wanted === undefined || agents.length === 0 ? `the files hold no AgentDeployment: name its manifest by -f` : `--agent "${wanted}" is in none of the files: name one of ${names}`);
  if (second === undefined) return first;
  throw badInput(wanted === undefined ? `the files hold ${agents.length} AgentDeployments (${names}): name one by --agent` : `AgentDeployment "${wanted}" is in the files ${chosen.length} times (${chosen.map(({ file }) => file).join(', ')}): leave the others out`);
}

/** kubectl puts an object without a namespace into that of its context, which nothing here depends on. */
function withNamespace(agent: AgentDeployment): AgentDeployment {
  return { ...agent, metadata: { ...agent.metadata, namespace: agent.metadata.namespace ?? 'default' } };
}

function providerOf({ metadata, spec }: AgentDeployment, name: string, { all, now }: { readonly all: readonly Manifest[]; readonly now: number }): ModelProvider {
  const found = all.find((each) => each.kind === 'ModelProvider' && each.name === name);
  const field = name === spec.agent.model.providerRef.name ? 'spec.agent.model.providerRef.name is' : 'spec.agent.model.fallbacks or tiers name';
  if (found === undefined) throw badInput(`AgentDeployment/${metadata.name}: ${field} "${name}", and the files hold no ModelProvider of that name: name its manifest by -f too`);
  return checkedObject(found, { spec: modelProviderSpec }, now) as ModelProvider;
}

function promptOf({ metadata, spec }: AgentDeployment, manifests: readonly Manifest[]): string {
  const { inline, configMapKeyRef: reference } = spec.agent.prompt;
  if (reference === undefined) return inline ?? '';
  return configMapText(reference, `AgentDeployment/${metadata.name}: spec.agent.prompt.configMapKeyRef`, manifests);
}

function bundleOf(agent: AgentDeployment, provider: ModelProvider, promptText: string, others: readonly ModelProvider[]): AgentBundle {
  try {
    return renderBundle(agent, provider, promptText, others);
  } catch (error) {
    if (error instanceof RevisionError) throw badInput(`AgentDeployment/${agent.metadata.name}: ${error.message}`, error);
    throw error;
  }
}
