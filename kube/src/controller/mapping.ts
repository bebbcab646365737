import { keyOf, type KubeObject, type ObjectKey } from '../object.ts';
import { groupOf, type ResourceType } from '../resource-type.ts';

/** `keys` for a controller's own kind. */
export function selfKeys(object: KubeObject): ObjectKey[] {
  return [keyOf(object)];
}

/** `keys` for children: the controlling owner, when it is of the given type. The version may differ: owners outlive API versions. */
export function ownerKeys(owner: Pick<ResourceType, 'group' | 'kind' | 'scope'>): (object: KubeObject) => ObjectKey[] {
  return (object) => {
    const reference = object.metadata.ownerReferences?.find((candidate) => candidate.controller === true);
    if (!reference || reference.kind !== owner.kind || groupOf(reference.apiVersion) !== owner.group) return [];
    return [{ namespace: owner.scope === 'Cluster' ? '' : (object.metadata.namespace ?? ''), name: reference.name }];
  };
}
