import type { CallOptions } from '../call-options.ts';
import type { DiscoveredResource } from '../client/discovery.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { isNotFound } from '../kube-error.ts';
import { apiVersionOf, type ResourceType } from '../resource-type.ts';

type Named = Pick<ResourceType, 'group' | 'version' | 'plural'>;

/** What the API server says it serves under a name; undefined when it serves nothing of that name. Throws KubeError. */
export async function discoverResource(client: KubeClient, wanted: Named, call: CallOptions): Promise<ResourceType | undefined> {
  return (await servedAs(client, wanted, call))?.type;
}

/** Names the version in which the API server stores the resource now; undefined when it does not say. Throws KubeError. */
export async function storageHash(client: KubeClient, type: ResourceType, call: CallOptions): Promise<string | undefined> {
  return (await servedAs(client, type, call))?.storageVersionHash;
}

async function servedAs(client: KubeClient, wanted: Named, call: CallOptions): Promise<DiscoveredResource | undefined> {
  try {
    return (await client.resources(apiVersionOf(wanted), call)).find(({ type }) => type.plural === wanted.plural);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
