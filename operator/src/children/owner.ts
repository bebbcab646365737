import type { OwnerReference } from '@sluice/kube';

/** What {@link controllerReference} needs of an AgentDeployment. */
export interface OwnerAgent {
  readonly metadata: { readonly name: string; readonly uid?: string };
}

/**
 * The reference that makes `agent` the controller of a child, so that the garbage collector removes the child with it.
 * `blockOwnerDeletion` needs the right to update agentdeployments/finalizers where OwnerReferencesPermissionEnforcement is on.
 * Throws TypeError when the agent has no uid: it was not read from the API server.
 */
export function controllerReference(agent: OwnerAgent): OwnerReference {
  const { name, uid } = agent.metadata;
  if (uid === undefined || uid === '') throw new TypeError(`AgentDeployment "${name}" has no metadata.uid: give the object as the API server returned it`);
  return { apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', name, uid, controller: true, blockOwnerDeletion: true };
}

/** What {@link goesAfter} needs of the object that goes first. */
export interface FirstToGo {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly uid?: string };
}

/**
 * The object with one more owner: the garbage collector removes what has several only when the last of them is gone, so this goes after
 * `first`, without anybody who has to wait for it. That owner never waits for the object itself (no `blockOwnerDeletion`).
 */
export function goesAfter<T extends { readonly metadata: { readonly ownerReferences?: readonly OwnerReference[] } }>(object: T, first: FirstToGo | undefined): T {
  const { name, uid } = first?.metadata ?? {};
  if (first === undefined || name === undefined || uid === undefined) return object;
  const reference: OwnerReference = { apiVersion: first.apiVersion, kind: first.kind, name, uid };
  return { ...object, metadata: { ...object.metadata, ownerReferences: [...(object.metadata.ownerReferences ?? []), reference] } };
}
