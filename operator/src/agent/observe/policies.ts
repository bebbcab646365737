import type { Clock, Deployment, NetworkPolicy, Pod } from '@sluice/kube';
import { egressDigest, egressLabel, revisionLabel, revisionOf } from '../../children/index.ts';
import type { RevisionRecord } from '../../revision/index.ts';
import type { PolicyState } from '../observation.ts';

export interface Bounded {
  readonly deployments: readonly Deployment[];
  /** Those on their way out included. */
  readonly pods: readonly Pod[];
}

/**
 * What each NetworkPolicy of an agent is needed for, as far as anything that exists tells, and how long for nothing. One per process: what
 * was unused before it began counts from its first look. A policy that is written to, or read anew, counts anew.
 */
export class PolicyUse {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** By cached policy, monotonic milliseconds. */
  readonly #unusedSince = new WeakMap<NetworkPolicy, number>();

  constructor({ clock }: { readonly clock: Pick<Clock, 'monotonic'> }) {
    this.#clock = clock;
  }

  of(policies: readonly NetworkPolicy[], { deployments, pods }: Bounded): readonly PolicyState[] {
    return policies.map((policy) => {
      const bounded = pods.filter(({ metadata }) => selects(policy, metadata.labels)).length;
      const revisions = deployments.filter(({ spec }) => selects(policy, spec.template.metadata?.labels)).flatMap((deployment) => revisionOf(deployment) ?? []);
      return { name: policy.metadata.name, pods: bounded, revisions, unusedMs: this.#unusedMs(policy, bounded + revisions.length) };
    });
  }

  #unusedMs(policy: NetworkPolicy, users: number): number {
    const now = this.#clock.monotonic();
    const since = users > 0 ? now : (this.#unusedSince.get(policy) ?? now);
    this.#unusedSince.set(policy, since);
    return now - since;
  }
}

/** One without labels to select by is for all pods. */
export function selects({ spec }: NetworkPolicy, labels: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(spec.podSelector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
}

/** Records of revisions that have a pod, or are about to have one, without any NetworkPolicy: somebody deleted it. */
export function withoutPolicy(policies: readonly NetworkPolicy[], { deployments, pods }: Bounded, records: ReadonlyMap<string, RevisionRecord>): readonly RevisionRecord[] {
  const all = [...pods.map(({ metadata }) => metadata.labels), ...deployments.map(({ spec }) => spec.template.metadata?.labels)];
  const open = new Set(all.filter((labels) => !policies.some((policy) => selects(policy, labels))).map((labels) => `${labels?.[revisionLabel] ?? ''}/${labels?.[egressLabel] ?? ''}`));
  // Nearly always, and the digest of every record's rules need not be made at every look.
  if (open.size === 0) return [];
  // Pods of an earlier version of the operator do not say which rules are theirs.
  return [...records.values()].filter(({ revision, egress }) => open.has(`${revision}/${egressDigest(egress)}`));
}
