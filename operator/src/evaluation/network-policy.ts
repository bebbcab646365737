import type { EvalRun } from '@sluice/crds';
import type { NetworkPolicy } from '@sluice/kube';
import { egressOf } from '../children/network-policy.ts';
import type { EgressRule } from '../revision/egress.ts';
import { childMetadata } from './child-metadata.ts';
import { evalRunLabel } from './names.ts';

/**
 * Where the pod of a run may connect to: where the revision that it proves may, and no farther. It has the real key and the real tools,
 * and nobody has vouched for it yet. Nothing may connect to it.
 */
export function evalNetworkPolicy(evalRun: EvalRun, egress: readonly EgressRule[]): NetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: childMetadata(evalRun),
    spec: {
      podSelector: { matchLabels: { [evalRunLabel]: evalRun.metadata.name } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: egressOf(egress),
    },
  };
}
