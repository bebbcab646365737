import type { AgentDeploymentStatus, EvalGate, Evidence, HoldReason, Release, RolloutSpec, Verdict } from '@sluice/crds';
import type { TakenTurns } from '../pacing/release-turns.ts';

export interface WatchedPod {
  readonly uid: string;
  /** Times that a container of it has ended by itself, restarted since or not; never falls. */
  readonly crashes: number;
  /** Epoch milliseconds; absent: no node has taken it yet. */
  readonly startedAt?: number;
  /** `Up`: its containers run. `CrashLoop`: one waits to be started again after it crashed. `Leaving`: it is being stopped, or was. */
  readonly state: 'Up' | 'CrashLoop' | 'Down' | 'Leaving';
}

/** The pods of one revision as its Deployment reports them. */
export interface RevisionScale {
  readonly revision: string;
  /** Pods that the Deployment is told to have. */
  readonly replicas: number;
  readonly ready: number;
  /** `CatchingUp`: the Deployment's status is older than its spec, so `ready` may be about pods that are on their way out. */
  readonly progress?: 'CaughtUp' | 'CatchingUp';
  /** The controllers of the cluster have not made all these pods yet, or given each to a node, and none says why: nothing that the revision can be blamed for. */
  readonly awaits?: 'Controllers';
  /** Epoch milliseconds: when the last of its pods was made and had got a node, or was refused one; absent where that is not known. */
  readonly madeAt?: number;
  /** Pods of it that have not been told to end, with a Deployment or without: those that answer requests, or may. */
  readonly standing?: number;
  /** A waiting reason of its pods that time alone does not cure, such as an image that can't be pulled; without credentials. */
  readonly podProblem?: string;
  /** Its pods, those on their way out included, as far as crashes go. */
  readonly watched?: readonly WatchedPod[];
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
  /** `PlanChanged`: the same revision under other evaluation gates. */
  readonly reason: 'SpecChanged' | 'PlanChanged';
  readonly revision: string;
}

/** How the traffic is divided now, read back from what divides it. */
export interface TrafficState {
  readonly router: NonNullable<AgentDeploymentStatus['traffic']>['router'];
  /** Percent of the new revision: as the Gateway has accepted it, or by ready pods. */
  readonly actualWeight: number;
  /** `Pending`: the Gateway has not said yet that it follows what it was told last. `Refused`: it has said that it does not. */
  readonly state: 'Verified' | 'Pending' | 'Refused';
  /** What the Gateway says where it is not Verified. */
  readonly message?: string;
  /** `Kept`: the route, as somebody has changed it, keeps sessions on the revision that they had first. */
  readonly sessions?: 'Kept';
  /** Percent of the requests that are copied to the new revision. */
  readonly mirrorPercent?: number;
  /** Where pods are the ratio: ready pods of all other revisions, those included whose Deployment is gone. */
  readonly readyElsewhere?: number;
}

/** Something outside of the release because of which it may not go on now. */
export interface Hindrance {
  readonly reason: HoldReason;
  /** One sentence: what it is, and when or how it ends. */
  readonly message: string;
  /** What somebody has to correct, where it never ends by itself. */
  readonly correction?: 'InvalidFreeze' | 'NoPrometheus';
}

/** Something outside of the release because of which it must end. */
export interface Veto {
  readonly reason: 'GroupRolledBack' | 'DependencyCycle';
  readonly message: string;
}

/**
 * What the release is to its agent. `Active`: on its way. `Serving`: its revision was promoted last. `Rejecting`: because of it the
 * revision that the spec asks for is not tried again by itself. `Past`: none of these.
 */
export type ReleaseRole = 'Active' | 'Serving' | 'Rejecting' | 'Past';

/** All that the decision about a release depends on, gathered before, so that the decision itself is a pure function. */
export interface ReleaseObservation {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly release: Release;
  readonly role: ReleaseRole;
  /** Longest time of a request of either revision, milliseconds; absent: the default of limits.requestTimeout. */
  readonly requestTimeoutMs?: number;
  /** The rollout that the agent's spec asks for now; it may have been edited since the release began. */
  readonly rollout?: RolloutSpec;
  readonly superseded?: Supersession;
  /** `Promoted` when this very revision was promoted before: it needs no new proof. */
  readonly provenness: 'Promoted' | 'Unproven';
  /** Promoted revisions that are stored and that nothing speaks against, the latest first; without the one that serves. */
  readonly returnable: readonly string[];
  /** Promoted revisions that are stored and that a person took back, the latest first: gone back to where a person names them. */
  readonly undone: readonly string[];
  /** The revision that the spec and all that it names come to now; absent: they cannot be read. */
  readonly wanted?: string;
  /** Another release of the agent that is on its way. */
  readonly other?: string;
  /** Pods that all the traffic needs. */
  readonly capacity: number;
  /** `Autoscaled`: an HPA owns the number of the stable revision's pods. */
  readonly scaling: 'Fixed' | 'Autoscaled';
  readonly maxReplicas: number;
  readonly traffic: TrafficState;
  readonly stable?: RevisionScale;
  readonly canary: RevisionScale;
  readonly evaluations: readonly EvaluationObservation[];
  /** Evidence with this reconcile's scrape added. */
  readonly evidence?: Evidence;
  /** Since when this process counts it, milliseconds since the epoch; absent: since it began. */
  readonly evidenceFrom?: number;
  readonly hindrances: readonly Hindrance[];
  readonly veto?: Veto;
  /** As many releases of other agents start as may at once. */
  readonly turns?: TakenTurns;
}
