import { KubeError } from '@sluice/kube';
import { modelProviders } from '@sluice/operator/src/resources.ts';
import type { AgentView } from '../agent-view.ts';
import type { Cluster } from '../cluster.ts';
import { printableValue } from '../terminal/printable.ts';

/** Milliseconds for one read, retries included. */
const deadlineMs = 15_000;

/** Names of the ModelProviders there are, where the agent names one that is not among them; undefined where it does not, and where the cluster does not say. Throws what is no KubeError. */
export async function readProviders({ client, namespace }: Cluster, { agent }: Pick<AgentView, 'agent'>, { signal }: { readonly signal: AbortSignal }): Promise<readonly string[] | undefined> {
  if (agent?.status?.conditions?.some(({ type, reason }) => type === 'Ready' && reason === 'ProviderNotFound') !== true) return undefined;
  try {
    const { items } = await client.list(modelProviders, { namespace }, { signal, deadlineMs });
    return printableValue(items.map(({ metadata }) => metadata.name).toSorted());
  } catch (error) {
    if (error instanceof KubeError) return undefined;
    throw error;
  }
}
