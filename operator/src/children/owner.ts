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
