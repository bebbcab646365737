import type { AgentDeploymentStatus, EvalRun, Release, ReleaseStatus } from '@sluice/crds';
import type { RevisionRecord } from '../revision/index.ts';

/** A revision that shall have a Deployment. */
export interface RevisionTarget {
  readonly record: RevisionRecord;
  readonly replicas: number;
  /** `Autoscaled`: an HPA owns the number of pods; `replicas` counts at creation only. */
  readonly scaling: 'Fixed' | 'Autoscaled';
}

export interface Notice {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** What one reconcile of an agent writes, in this order. Every part may be applied again without harm. */
export interface AgentPlan {
  /** The record of the revision that the spec describes, when it is not stored yet. */
  readonly record?: RevisionRecord;
  readonly createRelease?: Release;
  readonly releaseStatus?: { readonly release: Release; readonly status: ReleaseStatus };
  readonly evalRuns: readonly EvalRun[];
  readonly targets: readonly RevisionTarget[];
  /** Revisions on their way out: number of pods that may stay. */
  readonly retiring: ReadonlyMap<string, number>;
  readonly removedAutoscalers: readonly string[];
  /** Revisions whose Deployment and NetworkPolicy have no pods left. */
  readonly removedRevisions: readonly string[];
  readonly expiredReleases: readonly Release[];
  readonly expiredRecords: readonly string[];
  readonly status: AgentDeploymentStatus;
  readonly notices: readonly Notice[];
  readonly requeueAfterMs?: number;
}
