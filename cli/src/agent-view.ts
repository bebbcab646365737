import type { AgentDeployment, EvalRun, Release } from '@sluice/crds';
import { agentLabel } from '@sluice/operator/src/children/labels.ts';
import { agentDeployments, releases } from '@sluice/operator/src/resources.ts';
import type { AgentChildren } from './agent-children.ts';
import type { Cluster } from './cluster.ts';
import type { SeenLeases } from './operator-lease.ts';
import { printableValue } from './terminal/printable.ts';

/** One agent as the API server has it. */
export interface AgentView {
  readonly namespace: string;
  readonly name: string;
  readonly agent?: AgentDeployment;
  /** In no order. */
  readonly releases: readonly Release[];
  /** Not set where they were not asked for. */
  readonly children?: AgentChildren;
  /** Of the operators of the cluster; not set where they were not asked for, or the cluster did not say. */
  readonly leases?: SeenLeases | undefined;
  /** Those that could not measure, by name; not set where they were not asked for. */
  readonly evalRuns?: ReadonlyMap<string, EvalRun>;
  /** Names of the ModelProviders there are; not set where they were not asked for, or the cluster did not say. */
  readonly providers?: readonly string[] | undefined;
}

/** Milliseconds for one read, retries included: somebody waits at a prompt. */
const deadlineMs = 15_000;

export function releaseSelector(agentName: string): string {
  return `${agentLabel}=${agentName}`;
}

/** Reads an agent and its releases. Throws KubeError; an agent that does not exist is no error. */
export async function readAgent({ client, namespace }: Cluster, name: string, { signal }: { readonly signal: AbortSignal }): Promise<AgentView> {
  const call = { signal, deadlineMs };
  // first the list: its 404 says that the kinds are not installed, that of the object only that there is no such agent
  const found: Release[] = [];
  for await (const release of client.listAll(releases, { namespace, labelSelector: releaseSelector(name) }, call)) found.push(release);
  const agent = await client.find(agentDeployments, { namespace, name }, call);
  return viewOf({ namespace, name }, agent, found);
}

/** Ready to be shown: other agents' releases left out, and every text printable. */
export function viewOf(key: Pick<AgentView, 'namespace' | 'name'>, agent: AgentDeployment | undefined, found: readonly Release[]): AgentView {
  const own = found.filter((release) => release.spec.agentName === key.name);
  return { ...key, ...(agent === undefined ? {} : { agent: printableValue(agent) }), releases: printableValue(own) };
}
