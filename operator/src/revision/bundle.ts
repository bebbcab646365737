import { type AgentBundle, type AgentDeployment, agentBundle, agentLimits, type ModelProvider } from '@sluice/crds';
import { fieldPath, invalidSpec, shown } from './error.ts';
import { defined } from './defined.ts';
import { milliseconds } from './milliseconds.ts';
import { destination, renderTool } from './tool.ts';

const defaultMaxOutputTokens = 1024;

/**
 * What the runtime reads at start. `promptText` is the system prompt itself, inline or read from its ConfigMap.
 * Throws RevisionError (InvalidSpec) that names the field of the AgentDeployment or ModelProvider at fault.
 */
export function renderBundle(agent: AgentDeployment, provider: ModelProvider, promptText: string): AgentBundle {
  const { model, tools, limits, openapi, knowledge } = agent.spec.agent;
  const draft: AgentBundle = {
    schemaVersion: 1,
    agent: { namespace: agent.metadata.namespace ?? '', name: agent.metadata.name },
    model: {
      provider: defined({ kind: provider.spec.kind, endpoint: provider.spec.endpoint }),
      name: model.name,
      parameters: { ...defined(model.parameters ?? {}), maxOutputTokens: model.parameters?.maxOutputTokens ?? defaultMaxOutputTokens },
      ...defined({ price: priceOf(model.name, provider) }),
    },
    prompt: promptText,
    tools: (tools ?? []).map(renderTool),
    ...defined({ openapi: openapi?.map((each) => ({ ...each, ...destination(each) })), knowledge }),
    limits: renderLimits(limits),
  };
  return checked(draft);
}

function priceOf(model: string, { spec }: ModelProvider): AgentBundle['model']['price'] {
  const found = spec.prices?.find((price) => price.model === model);
  if (found === undefined) return undefined;
  const { inputDollarsPerMillionTokens, outputDollarsPerMillionTokens } = found;
  return { inputDollarsPerMillionTokens, outputDollarsPerMillionTokens };
}

function renderLimits(limits: AgentDeployment['spec']['agent']['limits']): AgentBundle['limits'] {
  const { requestTimeout, ...counts } = agentLimits.parse(limits ?? {});
  return { requestTimeoutMs: milliseconds('spec.agent.limits.requestTimeout', requestTimeout), ...counts };
}

function checked(draft: AgentBundle): AgentBundle {
  const result = agentBundle.safeParse(draft);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path ?? [];
  throw invalidSpec(specField(path), `is ${shown(valueAt(draft, path))}: ${issue?.message ?? 'it is not valid'}`, result.error);
}

/** The field a person wrote for a member of the bundle. */
function specField(path: readonly PropertyKey[]): string {
  const member = fieldPath(path);
  if (member.startsWith('model.provider.')) return member.replace('model.provider.', 'ModelProvider spec.');
  if (member.startsWith('agent.')) return member.replace('agent.', 'metadata.');
  return `spec.agent.${member.replace(/Ms$/, '')}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, part) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[part] : undefined), value);
}
