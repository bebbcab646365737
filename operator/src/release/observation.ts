import type { EvalGate, Release, ReleaseStatus, Verdict } from '@sluice/crds';

/** The pods of one revision as its Deployment reports them. */
export interface RevisionScale {
  readonly revision: string;
  /** Pods that the Deployment is told to have. */
  readonly replicas: number;
  readonly ready: number;
  /** `CatchingUp`: the Deployment's status is older than its spec, so `ready` may be about pods that are on their way out. */
  readonly progress?: 'CaughtUp' | 'CatchingUp';
  /** Restarts of its pods' containers, all together. */
  readonly restarts?: number;
}

/** The latest run of one evaluation gate; `Waiting` as long as there is no verdict. */
export interface EvaluationObservation {
  readonly gate: EvalGate;
  readonly attempt: number;
  readonly evalRun: string;
  readonly verdict: Verdict | 'Waiting';
  readonly message: string;
  /** Epoch milliseconds; set when there is a verdict. */
  readonly finishedAt?: number;
}

/** Why the release can't go on for a reason outside of it; absent when the spec still asks for its revision. */
export interface Supersession {
  /** `PlanChanged`: the same revision under another rollout. */
  readonly reason: 'SpecChanged' | 'PlanChanged';
  readonly revision: string;
}

/** All that the decision about a release depends on, gathered before, so that the decision itself is a pure function. */
export interface ReleaseObservation {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly release: Release;
  readonly superseded?: Supersession;
  /** `Promoted` when this very revision was promoted before: it needs no new proof. */
  readonly provenness: 'Promoted' | 'Unproven';
  /** Pods that all the traffic needs. */
  readonly capacity: number;
  /** `Autoscaled`: an HPA owns the number of the stable revision's pods. */
  readonly scaling: 'Fixed' | 'Autoscaled';
  readonly maxReplicas: number;
  readonly stable?: RevisionScale;
  readonly canary: RevisionScale;
  readonly evaluations: readonly EvaluationObservation[];
  /** Evidence with this reconcile's scrape added. */
  readonly evidence?: NonNullable<ReleaseStatus['evidence']>;
}
