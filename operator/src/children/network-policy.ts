import type { NetworkPolicy, OwnerReference } from '@sluice/kube';
import type { EgressRule } from '../revision/egress.ts';
import { httpPort, mirrorPort } from '../revision/pod-names.ts';
import type { RevisionRecord } from '../revision/record.ts';
import { revisionLabels, revisionSelector } from './labels.ts';
import { revisionObjectName } from './names.ts';

const dnsPort = 53;

/** What the pods of one revision may receive and where they may connect to; per revision because the tools differ. */
export function revisionNetworkPolicy({ agent, namespace, revision, egress }: Pick<RevisionRecord, 'agent' | 'namespace' | 'revision' | 'egress'>, owner: OwnerReference): NetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: revisionObjectName(agent, revision), namespace, labels: revisionLabels(agent, revision), ownerReferences: [owner] },
    spec: {
      podSelector: { matchLabels: revisionSelector(agent, revision) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: [{ protocol: 'TCP', port: httpPort }, { protocol: 'TCP', port: mirrorPort }] }],
      egress: egressOf(egress),
    },
  };
}

/** The rules of a NetworkPolicy that opens `egress` and DNS, and nothing else. */
export function egressOf(egress: readonly EgressRule[]): Record<string, unknown>[] {
  return [dns(), ...egress.map(peer)];
}

/** At any address: node-local DNS caches listen on link-local ones. */
function dns(): Record<string, unknown> {
  return { ports: [{ protocol: 'UDP', port: dnsPort }, { protocol: 'TCP', port: dnsPort }] };
}

function peer({ cidr, except, ports }: EgressRule): Record<string, unknown> {
  return {
    to: [{ ipBlock: except.length === 0 ? { cidr } : { cidr, except: [...except] } }],
    ports: ports.map((port) => ({ protocol: 'TCP', port })),
  };
}
