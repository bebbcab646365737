import type { AgentBundle } from '@sluice/crds';
import type { ModelClient } from '../providers/model-client.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { Agent } from './agent.ts';

/** Puts the agent of a bundle together. */
export function createAgent(bundle: AgentBundle, parts: { readonly model: ModelClient; readonly toolbox: Toolbox }): Agent {
  const { temperature, topP, maxOutputTokens } = bundle.model.parameters;
  return {
    model: parts.model,
    toolbox: parts.toolbox,
    settings: { name: bundle.model.name, temperature, topP, maxOutputTokens },
    prompt: bundle.prompt,
    maxModelTurns: bundle.limits.maxModelTurns,
  };
}

/** What an answer names as the policy it was made under: the agent and its revision. */
export function policyVersion(bundle: AgentBundle, revision: string): string {
  return `${bundle.agent.name}@${revision}`;
}
