import type { Deployment, KubeObject, NetworkPolicy, Pod } from '@sluice/kube';
import { revisionLabel } from '../../children/index.ts';
import type { PolicyState } from '../observation.ts';

export interface Bounded {
  readonly deployments: readonly Deployment[];
  /** Those on their way out included. */
  readonly pods: readonly Pod[];
}

/** What each NetworkPolicy of an agent is needed for, as far as anything that exists tells. */
export function policiesOf(policies: readonly NetworkPolicy[], { deployments, pods }: Bounded): readonly PolicyState[] {
  return policies.map((policy) => ({
    name: policy.metadata.name,
    pods: pods.filter(({ metadata }) => selects(policy, metadata.labels)).length,
    revisions: deployments.filter(({ spec }) => selects(policy, spec.template.metadata?.labels)).flatMap(revisionOf),
  }));
}

/** One without labels to select by is for all pods. */
function selects({ spec }: NetworkPolicy, labels: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(spec.podSelector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
}

function revisionOf({ metadata }: KubeObject): string[] {
  const name = metadata.labels?.[revisionLabel];
  return name === undefined ? [] : [name];
}
