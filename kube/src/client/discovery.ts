import { KubeError } from '../kube-error.ts';
import { defineResource, groupOf, type ResourceType } from '../resource-type.ts';

/** A kind that the server has. */
export interface DiscoveredResource {
  readonly type: ResourceType;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  /** Such as `status` and `scale`. */
  readonly subresources: readonly string[];
}

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs?: readonly string[];
  readonly shortNames?: readonly string[];
}

/** Reads an APIResourceList, in which `deployments/scale` stands beside `deployments`. Throws KubeError (reason `Malformed`). */
export function resourcesFrom(groupVersion: string, answer: unknown): DiscoveredResource[] {
  const { resources } = (answer ?? {}) as { resources?: unknown };
  if (!Array.isArray(resources)) throw new KubeError({ code: 0, reason: 'Malformed', message: `the API resource list of ${groupVersion} has no resources` });
  const all = resources as ApiResource[];
  const group = groupOf(groupVersion);
  const version = group === '' ? groupVersion : groupVersion.slice(group.length + 1);
  return all.filter(({ name }) => !name.includes('/')).map(({ name, kind, namespaced, verbs, shortNames }) => ({
    type: defineResource({ group, version, plural: name, kind, scope: namespaced ? 'Namespaced' : 'Cluster' }),
    verbs: verbs ?? [],
    shortNames: shortNames ?? [],
    subresources: all.filter((each) => each.name.startsWith(`${name}/`)).map((each) => each.name.slice(name.length + 1)),
  }));
}
