import { KubeError } from '../kube-error.ts';
import { defineResource, groupOf, type ResourceType } from '../resource-type.ts';

/** A kind that the server has. */
export interface DiscoveredResource {
  readonly type: ResourceType;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  /** Such as `status` and `scale`. */
  readonly subresources: readonly string[];
  /** Changes with the version that the server stores it in; undefined when the server does not say. */
  readonly storageVersionHash: string | undefined;
}

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs?: readonly string[];
  readonly shortNames?: readonly string[];
  readonly storageVersionHash?: string;
}

/** Reads an APIResourceList, in which `deployments/scale` stands beside `deployments`. Throws KubeError (reason `Malformed`). */
export function resourcesFrom(groupVersion: string, answer: unknown): DiscoveredResource[] {
  const { resources } = (answer ?? {}) as { resources?: unknown };
  // Go writes an empty slice as null: all resources of a group may have just gone.
  if (resources === null) return [];
  if (!Array.isArray(resources)) throw new KubeError({ code: 0, reason: 'Malformed', message: `the API resource list of ${groupVersion} has no resources` });
  const all = resources.filter(isResource);
  const group = groupOf(groupVersion);
  const version = group === '' ? groupVersion : groupVersion.slice(group.length + 1);
  return all.filter(({ name }) => !name.includes('/')).map(({ name, kind, namespaced, verbs, shortNames, storageVersionHash }) => ({
    type: defineResource({ group, version, plural: name, kind, scope: namespaced ? 'Namespaced' : 'Cluster' }),
    verbs: verbs ?? [],
    shortNames: shortNames ?? [],
    subresources: all.filter((each) => each.name.startsWith(`${name}/`)).map((each) => each.name.slice(name.length + 1)),
    storageVersionHash,
  }));
}

function isResource(value: unknown): value is ApiResource {
  const { name, kind } = (value ?? {}) as { name?: unknown; kind?: unknown };
  return typeof name === 'string' && typeof kind === 'string';
}
