import type { OwnerReference, Service } from '@sluice/kube';
import { httpPortName } from '../revision/pod-names.ts';
import type { AgentIdentity } from './agent-identity.ts';
import { revisionLabels, revisionSelector } from './labels.ts';
import { revisionObjectName } from './names.ts';
import { servicePort } from './service.ts';

/** Port of a revision's Service for copies of requests. */
export const mirrorServicePort = 81;
/** Port of the runtime on which requests change nothing outside: tools that write run dry. */
export const mirrorTargetPort = 8082;
const mirrorPortName = 'mirror';

/** The ready pods of one revision; the HTTPRoute of its agent sends requests and copies of requests there. */
export function revisionService({ agent, namespace }: AgentIdentity, revision: string, owner: OwnerReference): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: revisionObjectName(agent, revision), namespace, labels: revisionLabels(agent, revision), ownerReferences: [owner] },
    spec: {
      type: 'ClusterIP',
      selector: revisionSelector(agent, revision),
      ports: [
        { name: httpPortName, port: servicePort, targetPort: httpPortName, protocol: 'TCP', appProtocol: 'http' },
        { name: mirrorPortName, port: mirrorServicePort, targetPort: mirrorTargetPort, protocol: 'TCP', appProtocol: 'http' },
      ],
    },
  };
}
