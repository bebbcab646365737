import type { OwnerReference, PodDisruptionBudget } from '@sluice/kube';
import type { AgentIdentity } from './agent-identity.ts';
import { agentLabels, agentSelector } from './labels.ts';
import { agentObjectName } from './names.ts';

/**
 * Node drains take one pod of the agent at a time, over all revisions. A pod that is not ready may always go: a broken canary must
 * not keep a node from being drained.
 */
export function agentDisruptionBudget({ agent, namespace }: AgentIdentity, owner: OwnerReference): PodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: agentObjectName(agent), namespace, labels: agentLabels(agent), ownerReferences: [owner] },
    spec: { maxUnavailable: 1, selector: { matchLabels: agentSelector(agent) }, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
  };
}
