import type { CallOptions } from '../call-options.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { isNotFound } from '../kube-error.ts';
import { defineResource, type ResourceType } from '../resource-type.ts';

interface ServedResource {
  readonly name?: unknown;
  readonly kind?: unknown;
  readonly namespaced?: unknown;
  readonly storageVersionHash?: unknown;
}

/** What the API server says it serves under a name; undefined when it serves nothing of that name. Throws KubeError. */
export async function discoverResource(
  client: KubeClient, wanted: Pick<ResourceType, 'group' | 'version' | 'plural'>, call: CallOptions,
): Promise<ResourceType | undefined> {
  const { group, version, plural } = wanted;
  const found = await servedAs(client, wanted, call);
  if (typeof found?.kind !== 'string') return undefined;
  return defineResource({ group, version, plural, kind: found.kind, scope: found.namespaced === true ? 'Namespaced' : 'Cluster' });
}

/** Names the version in which the API server stores the resource now; undefined when it does not say. Throws KubeError. */
export async function storageHash(client: KubeClient, type: ResourceType, call: CallOptions): Promise<string | undefined> {
  const hash = (await servedAs(client, type, call))?.storageVersionHash;
  return typeof hash === 'string' ? hash : undefined;
}

async function servedAs(
  client: KubeClient, { group, version, plural }: Pick<ResourceType, 'group' | 'version' | 'plural'>, call: CallOptions,
): Promise<ServedResource | undefined> {
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return (await servedAt(client, path, call)).find((each) => each.name === plural);
}

async function servedAt(client: KubeClient, path: string, call: CallOptions): Promise<readonly ServedResource[]> {
  try {
    const answer = (await client.raw(path, call)) as { resources?: unknown } | null | undefined;
    return Array.isArray(answer?.resources) ? (answer.resources as ServedResource[]) : [];
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}
