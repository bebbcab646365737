import type { EvalRun } from '@sluice/crds';
import type { NetworkPolicy } from '@sluice/kube';
import { egressOf } from '../children/network-policy.ts';
import { httpPort } from '../revision/pod-names.ts';
import type { EgressRule } from '../revision/egress.ts';
import { childMetadata } from './child-metadata.ts';
import { evalRunLabel } from './names.ts';

/**
 * Where the pod of a run may connect to: where the revision that it proves may, and no farther. It has the real key and the real tools,
 * and nobody has vouched for it yet. Of what may connect to it, its one port answers only who knows the run's token: the operator.
 */
export function evalNetworkPolicy(evalRun: EvalRun, egress: readonly EgressRule[]): NetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: childMetadata(evalRun),
    spec: {
      podSelector: { matchLabels: { [evalRunLabel]: evalRun.metadata.name } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: [{ protocol: 'TCP', port: httpPort }] }],
      egress: egressOf(egress),
    },
  };
}
