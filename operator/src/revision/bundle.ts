import { type AgentBundle, type AgentDeployment, agentBundle, agentLimits, type ModelProvider } from '@sluice/crds';
import { renderAccess } from './access.ts';
import { fieldPath, invalidSpec, shown } from './error.ts';
import { defined } from './defined.ts';
import { renderInterfaces } from './interfaces.ts';
import { milliseconds } from './milliseconds.ts';
import { renderModel } from './model.ts';
import { destination, renderCredential, renderTool } from './tool.ts';

/**
 * What the runtime reads at start. `promptText` is the system prompt itself, inline or read from its ConfigMap; `otherProviders`: those that
 * stand in for `provider`.
 * Throws RevisionError (InvalidSpec) that names the field of the AgentDeployment or ModelProvider at fault.
 */
export function renderBundle(agent: AgentDeployment, provider: ModelProvider, promptText: string, otherProviders: readonly ModelProvider[] = []): AgentBundle {
  const { model, tools, limits, credentials, openapi, knowledge, guardrails, budgets, precision, interfaces } = agent.spec.agent;
  const { access } = agent.spec;
  const draft: AgentBundle = {
    schemaVersion: 1,
    agent: { namespace: agent.metadata.namespace ?? '', name: agent.metadata.name },
    model: renderModel(model, { own: provider, others: otherProviders }),
    prompt: promptText,
    ...defined({ guardrails, budgets, precision, interfaces: interfaces && renderInterfaces(interfaces, agent.metadata), access: access && renderAccess(access, agent.metadata) }),
    tools: (tools ?? []).map(renderTool),
    ...defined({ credentials: credentials?.map(renderCredential), openapi: openapi?.map((each) => ({ ...each, ...destination(each) })), knowledge }),
    limits: renderLimits(limits),
  };
  return checked(draft);
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
  if (member.startsWith('access.')) return `spec.${member}`;
  if (member.startsWith('agent.')) return member.replace('agent.', 'metadata.');
  return `spec.agent.${member.replace(/Ms$/, '')}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, part) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[part] : undefined), value);
}
