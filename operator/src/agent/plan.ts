import type { AgentDeploymentStatus, EvalRun, Release, ReleaseStatus } from '@sluice/crds';
import type { AutoscalingBounds, SecretMarks } from '../children/index.ts';
import type { SeenObjects } from './observation.ts';
import type { AdoptionPlan } from '../adoption/plan.ts';
import type { RevisionRecord } from '../revision/index.ts';
import type { MissingSnapshot } from './observe/pinned-content.ts';
import type { Standing } from '../pacing/release-turns.ts';
import type { RoutePlan } from '../traffic/route-plan.ts';

/** A revision that shall have a Deployment. */
export interface RevisionTarget {
  readonly record: RevisionRecord;
  readonly replicas: number;
  /** `Autoscaled`: an HPA owns the number of pods; `replicas` counts at creation only. */
  readonly scaling: 'Fixed' | 'Autoscaled';
  /** Of its HPA, where it has one or will have. */
  readonly bounds?: AutoscalingBounds;
  /** What its Deployment shall say of the Secrets that its pods use. */
  readonly secrets?: SecretMarks;
}

/** What divides the traffic between the revisions. */
export interface TrafficWrites {
  /** The revision that the agent's own Service selects; absent: all. */
  readonly serves?: string;
  /** Revisions that have a Service of their own. */
  readonly services: readonly string[];
  readonly route?: RoutePlan;
  /** Annotation of the route: since when each of its Gateways is asked. */
  readonly gatewaysAsked: string;
  /** Annotation of the route: by what it divided the requests before. */
  readonly weightsBefore?: string;
  readonly removedRoute: 'Remove' | 'Keep';
  readonly removedServices: readonly string[];
  readonly notices: readonly Notice[];
  readonly lookAgainAfterMs?: number;
}

export interface Notice {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** What one reconcile of an agent writes, in this order. Every part may be applied again without harm. */
export interface AgentPlan {
  /** Copies of ConfigMaps that revisions need, each with where its content is. Before any record that names them. */
  readonly snapshots: readonly Required<MissingSnapshot>[];
  /** Records of kept revisions that somebody deleted. */
  readonly restoredRecords: readonly RevisionRecord[];
  /** The record of the revision that the spec describes, when it is not stored yet. */
  readonly record?: RevisionRecord;
  readonly createRelease?: Release;
  readonly releaseStatus?: { readonly release: Release; readonly status: ReleaseStatus };
  readonly evalRuns: readonly EvalRun[];
  /** Revisions that are no target, whose pods have lost their NetworkPolicy. */
  readonly unbounded: readonly RevisionRecord[];
  readonly targets: readonly RevisionTarget[];
  readonly traffic: TrafficWrites;
  /** Revisions on their way out: number of pods that may stay. */
  readonly retiring: ReadonlyMap<string, number>;
  readonly removedAutoscalers: readonly string[];
  /** Revisions whose Deployment goes: it has no pods left, or they leave with it. */
  readonly removedRevisions: readonly string[];
  /** NetworkPolicies by name: nothing that they were for is left. */
  readonly removedPolicies: readonly string[];
  /** What scaling down and removing are bound to. */
  readonly seen: SeenObjects;
  readonly expiredReleases: readonly Release[];
  readonly expiredRecords: readonly string[];
  /** Of what was made by hand and is taken over; absent: nothing. */
  readonly adoption?: AdoptionPlan;
  readonly status: AgentDeploymentStatus;
  readonly notices: readonly Notice[];
  readonly requeueAfterMs?: number;
  /** What becomes of the agent's turn; absent: it needs none. */
  readonly standing?: Exclude<Standing, undefined>;
}

/** What is written where no child may be touched: the state of its release, if that changes, and that of the agent. */
export interface UntouchingPlan extends Pick<AgentPlan, 'releaseStatus' | 'status' | 'notices' | 'requeueAfterMs'> {
  readonly children: 'Untouched';
}
