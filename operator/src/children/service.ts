import type { OwnerReference, Service } from '@sluice/kube';
import { httpPortName } from '../revision/pod-names.ts';
import type { AgentIdentity } from './agent-identity.ts';
import { agentLabels, agentSelector, revisionSelector } from './labels.ts';
import { agentObjectName } from './names.ts';

export const servicePort = 80;

/**
 * The address of an agent. It covers the ready pods of all revisions, whose numbers are the traffic split then, or those of the one
 * that `serves` where a Gateway splits the traffic.
 */
export function agentService({ agent, namespace }: AgentIdentity, owner: OwnerReference, serves?: string): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: agentObjectName(agent), namespace, labels: agentLabels(agent), ownerReferences: [owner] },
    spec: {
      type: 'ClusterIP',
      selector: serves === undefined ? agentSelector(agent) : revisionSelector(agent, serves),
      ports: [{ name: httpPortName, port: servicePort, targetPort: httpPortName, protocol: 'TCP', appProtocol: 'http' }],
    },
  };
}
