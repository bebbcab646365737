import type { Deployment, OwnerReference, PodTemplateSpec } from '@sluice/kube';
import type { RevisionRecord } from '../revision/record.ts';
import { egressLabel, revisionLabels, revisionSelector } from './labels.ts';
import { revisionObjectName } from './names.ts';
import { egressDigest } from './network-policy.ts';

export interface DeploymentOptions {
  /** After this time without progress the Deployment says so in its own condition; the release has its own deadline. */
  readonly progressDeadlineSeconds?: number;
}

/**
 * The Deployment of a revision, without `spec.replicas`: the release machine or an autoscaler owns it, and what an apply does not
 * mention it does not take back.
 */
export function revisionDeployment(record: RevisionRecord, owner: OwnerReference, options: DeploymentOptions = {}): Deployment {
  const { agent, namespace, revision, podTemplate } = record;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: revisionObjectName(agent, revision), namespace, labels: revisionLabels(agent, revision), ownerReferences: [owner] },
    spec: {
      selector: { matchLabels: revisionSelector(agent, revision) },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } },
      // A revision's template never changes; going back means another revision, not an older ReplicaSet.
      revisionHistoryLimit: 1,
      progressDeadlineSeconds: options.progressDeadlineSeconds ?? 600,
      template: bounded(podTemplate, egressDigest(record.egress)),
    },
  };
}

/** The label by which the pods' NetworkPolicy finds them follows from the record and is no part of it. */
function bounded({ metadata, ...template }: PodTemplateSpec, digest: string): PodTemplateSpec {
  return { metadata: { ...metadata, labels: { ...metadata?.labels, [egressLabel]: digest } }, ...template };
}
