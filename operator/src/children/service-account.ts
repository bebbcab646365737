import type { OwnerReference, ServiceAccount } from '@sluice/kube';
import type { AgentIdentity } from './agent-identity.ts';
import { agentLabels } from './labels.ts';
import { agentObjectName } from './names.ts';

/** An identity of the agent's own, for image pulls and workload identity; no pod gets a token for the Kubernetes API through it. */
export function agentServiceAccount({ agent, namespace }: AgentIdentity, owner: OwnerReference): ServiceAccount {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: agentObjectName(agent), namespace, labels: agentLabels(agent), ownerReferences: [owner] },
    automountServiceAccountToken: false,
  };
}
