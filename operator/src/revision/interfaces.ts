import type { AgentInterfaces, BundleInterfaces } from '@sluice/crds';
import { agentObjectName } from '../children/names.ts';
import { defined } from './defined.ts';
import { invalidSpec, shown } from './error.ts';

interface Named {
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** Where the Service of an agent answers within the cluster; it listens on the default port of http. */
function serviceUrl(agent: string, namespace: string): string {
  return `http://${agentObjectName(agent)}.${namespace}.svc`;
}

/**
 * How callers meet the agent, with the addresses of its siblings: they are Services, whose names follow from those of the agents, so
 * pods need no right to read the API. Throws RevisionError (InvalidSpec) for an agent that is its own sibling.
 */
export function renderInterfaces({ description, url, mcp, a2a, siblings }: AgentInterfaces, { name, namespace = '' }: Named): BundleInterfaces {
  const self = siblings?.indexOf(name) ?? -1;
  if (self >= 0) throw invalidSpec(`spec.agent.interfaces.siblings[${self}]`, `is ${shown(name)}, the agent itself, which /v1/agents lists anyway: remove it`);
  return {
    description,
    url: url?.replace(/\/+$/, '') ?? serviceUrl(name, namespace),
    ...defined({
      mcp: mcp && { tool: mcp.tool ?? name, ...defined({ allowedOrigins: mcp.allowedOrigins?.toSorted() }) },
      a2a: a2a && defined({ skills: a2a.skills?.map((skill) => ({ ...skill, ...defined({ examples: skill.examples }) })) }),
      siblings: siblings?.toSorted().map((sibling) => ({ name: sibling, url: serviceUrl(sibling, namespace) })),
    }),
  };
}
