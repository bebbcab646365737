import type { AgentDeployment, ModelProvider } from '@sluice/crds';
import type { ConfigMap } from '@sluice/kube';
import { otherProviderNames, recordData, type ReferenceSource, renderRevision, RevisionError } from '../../revision/index.ts';
import type { RevisionProblem } from '../../revision/index.ts';
import type { DesiredRevision, InputProblem } from '../observation.ts';

/** What the spec names, looked up in the caches; undefined where it does not exist. */
export interface AgentInputs {
  readonly provider: ModelProvider | undefined;
  /** Those that the agent names beside it, in the order of {@link otherProviderNames}. */
  readonly otherProviders?: readonly (ModelProvider | undefined)[] | undefined;
  readonly promptConfigMap: ConfigMap | undefined;
  /** The image of an agent that names none. */
  readonly defaultImage?: string | undefined;
  /** What `spec.template` refers to; not set: nothing of it exists. */
  readonly references?: ReferenceSource | undefined;
}

const problems: Readonly<Record<RevisionProblem, InputProblem['reason']>> = { InvalidSpec: 'InvalidBundle', DamagedRecord: 'InvalidBundle', ReferenceNotFound: 'ReferenceNotFound' };

/** The revision that the spec describes, or why it can't be made: each problem names the field and what to do. */
export function resolveRevision(agent: AgentDeployment, { provider, otherProviders = [], promptConfigMap, defaultImage, references }: AgentInputs): DesiredRevision {
  const { model, prompt } = agent.spec.agent;
  if (provider === undefined) {
    return unresolved('ProviderNotFound', `spec.agent.model.providerRef.name: there is no ModelProvider "${model.providerRef.name}" in this namespace; create it`);
  }
  const missing = otherProviderNames(agent).find((_name, index) => otherProviders[index] === undefined);
  if (missing !== undefined) return unresolved('ProviderNotFound', `spec.agent.model names the ModelProvider "${missing}" in fallbacks or tiers, and there is none in this namespace; create it`);
  const text = prompt.inline ?? textOf(prompt.configMapKeyRef?.key, promptConfigMap);
  if (text === undefined || text === '') return unresolved('PromptNotFound', promptProblem(agent, promptConfigMap));
  try {
    const record = renderRevision({ agent, provider, otherProviders: otherProviders.filter((each) => each !== undefined), promptText: text, defaultImage, ...(references === undefined ? {} : { references }) });
    recordData(record); // too large to be stored: said here, not when it is written
    return { kind: 'Rendered', record };
  } catch (error) {
    if (error instanceof RevisionError) return unresolved(problems[error.problem], error.message);
    throw error;
  }
}

function textOf(key: string | undefined, configMap: ConfigMap | undefined): string | undefined {
  return key === undefined ? undefined : configMap?.data?.[key];
}

function promptProblem(agent: AgentDeployment, configMap: ConfigMap | undefined): string {
  const reference = agent.spec.agent.prompt.configMapKeyRef;
  const field = 'spec.agent.prompt.configMapKeyRef';
  if (reference === undefined) return 'spec.agent.prompt: there is no prompt; write one into inline';
  if (configMap === undefined) return `${field}.name: there is no ConfigMap "${reference.name}" in this namespace; create it`;
  return `${field}.key: ConfigMap "${reference.name}" has no text under "${reference.key}"; it has ${Object.keys(configMap.data ?? {}).join(', ') || 'no keys'}`;
}

function unresolved(reason: InputProblem['reason'], message: string): DesiredRevision {
  return { kind: 'Unresolved', problem: { reason, message } };
}
