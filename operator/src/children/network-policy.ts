import type { NetworkPolicy, OwnerReference } from '@sluice/kube';
import { hash } from 'node:crypto';
import { canonicalJson } from '../revision/digest.ts';
import type { EgressRule } from '../revision/egress.ts';
import { httpPort, mirrorPort } from '../revision/pod-names.ts';
import type { RevisionRecord } from '../revision/record.ts';
import { agentLabels, agentSelector, egressLabel } from './labels.ts';
import { policyName } from './names.ts';

const dnsPort = 53;

type Bounded = Pick<RevisionRecord, 'agent' | 'namespace' | 'egress'>;

/** Ten lower-case hex characters that stand for the rules: revisions with the same ones share a policy. */
export function egressDigest(egress: readonly EgressRule[]): string {
  return hash('sha256', canonicalJson(egress)).slice(0, 10);
}

/** Name of the policy that bounds the pods of a revision. */
export function policyNameOf({ agent, egress }: Pick<Bounded, 'agent' | 'egress'>): string {
  return policyName(agent, egressDigest(egress));
}

/**
 * What the pods of a revision may receive and where they may connect to; by its rules, because the tools of revisions may differ, and
 * mostly do not (docs/decisions/0022-network-policy-per-rules.md).
 */
export function agentNetworkPolicy({ agent, namespace, egress }: Bounded, owner: OwnerReference): NetworkPolicy {
  const digest = egressDigest(egress);
  const rules = { [egressLabel]: digest };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: policyName(agent, digest), namespace, labels: { ...agentLabels(agent), ...rules }, ownerReferences: [owner] },
    spec: {
      podSelector: { matchLabels: { ...agentSelector(agent), ...rules } },
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
