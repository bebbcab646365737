import type { KubeObject, OwnerReference } from '../object.ts';

/** The reference that makes the garbage collector delete an object with its owner. Throws TypeError for an owner that was never read. */
export function ownerReference(owner: KubeObject, options: { readonly controller: 'controller' | 'plain' }): OwnerReference {
  const { name, uid } = owner.metadata;
  if (uid === undefined) throw new TypeError(`${owner.kind} '${name}' has no metadata.uid; pass the object as the API server returned it`);
  const reference: OwnerReference = { apiVersion: owner.apiVersion, kind: owner.kind, name, uid };
  return options.controller === 'controller' ? { ...reference, controller: true, blockOwnerDeletion: true } : reference;
}

/** By uid: an owner deleted and made anew under the same name owns nothing of the former. */
export function isOwnedBy(object: KubeObject, owner: KubeObject): boolean {
  const { uid } = owner.metadata;
  return uid !== undefined && (object.metadata.ownerReferences ?? []).some((reference) => reference.uid === uid);
}

/** The one owner that manages the object; undefined when nobody does. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}
