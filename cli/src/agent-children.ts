import { type HorizontalPodAutoscaler, horizontalPodAutoscalers, KubeError, type KubeObject, type Pod, pods, type ResourceType } from '@sluice/kube';
import { agentLabel } from '@sluice/operator/src/children/labels.ts';
import { type HTTPRoute, httpRoutes } from '@sluice/operator/src/traffic/http-routes.ts';
import type { Cluster } from './cluster.ts';
import { printableValue } from './terminal/printable.ts';

/** What the operator made for an agent, besides its releases. */
export interface AgentChildren {
  /** Those that serve, or are to. */
  readonly pods: readonly Pod[];
  readonly autoscalers: readonly HorizontalPodAutoscaler[];
  readonly routes: readonly HTTPRoute[];
  /** Kinds that the user may not read. */
  readonly unreadable: readonly string[];
}

/** On pods of evaluations, which serve nobody. */
const jobLabel = 'batch.kubernetes.io/job-name';

/** Milliseconds for one read, retries included. */
const deadlineMs = 15_000;

/** Rights to pods, autoscalers and routes are not needed: what may not be read is named and left out. Throws KubeError for other failures. */
export async function readChildren(cluster: Cluster, agentName: string, { signal }: { readonly signal: AbortSignal }): Promise<AgentChildren> {
  const read = <T extends KubeObject>(type: ResourceType<T>) => listOf(cluster, type, { agentName, signal });
  const [foundPods, foundAutoscalers, foundRoutes] = await Promise.all([read(pods), read(horizontalPodAutoscalers), read(httpRoutes)]);
  const unreadable = [foundPods, foundAutoscalers, foundRoutes].flatMap((found) => (typeof found === 'string' ? [found] : []));
  return { pods: itemsOf(foundPods).filter(({ metadata }) => metadata.labels?.[jobLabel] === undefined), autoscalers: itemsOf(foundAutoscalers), routes: itemsOf(foundRoutes), unreadable };
}

function itemsOf<T>(found: readonly T[] | string): readonly T[] {
  return typeof found === 'string' ? [] : found;
}

/** The plural when the user may not read the kind. A cluster without the kind has none of it. */
async function listOf<T extends KubeObject>(
  { client, namespace }: Cluster, type: ResourceType<T>, { agentName, signal }: { readonly agentName: string; readonly signal: AbortSignal },
): Promise<readonly T[] | string> {
  try {
    const { items } = await client.list(type, { namespace, labelSelector: `${agentLabel}=${agentName}` }, { signal, deadlineMs });
    return printableValue(items.toSorted((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1)));
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    if (error.code === 404) return [];
    if (error.code === 403) return type.plural;
    throw error;
  }
}
