import type { AgentDeployment, EvalRun, EvalSuite, ModelProvider, Release, ReleaseStatus } from '@sluice/crds';
import type { Deployment, NetworkPolicy } from '@sluice/kube';
import type { AdoptionObservation } from '../adoption/observation.ts';
import type { Elsewhere } from '../release/holds/elsewhere.ts';
import type { Neighbours } from '../release/holds/neighbours.ts';
import type { Hindrance, RevisionScale } from '../release/observation.ts';
import type { SecretMarks } from '../children/index.ts';
import type { TakenTurns } from '../pacing/release-turns.ts';
import type { RevisionRecord, SecretVersion } from '../revision/index.ts';
import type { StableReading } from './forecast/stable-reading.ts';
import type { PinnedContent } from './observe/pinned-content.ts';
import type { RouteObservation } from '../traffic/traffic-state.ts';

/** Something that the spec names and that can't be used as it is. */
export interface InputProblem {
  /** CamelCase, listed in docs/architecture.md. */
  readonly reason: 'ProviderNotFound' | 'PromptNotFound' | 'ReferenceNotFound' | 'InvalidBundle' | 'AdoptionRefused' | 'NameTaken' | 'NameNotFree';
  readonly message: string;
}

export type DesiredRevision = { readonly kind: 'Rendered'; readonly record: RevisionRecord } | { readonly kind: 'Unresolved'; readonly problem: InputProblem };

/** One revision as it exists in the cluster. */
export interface RevisionState extends RevisionScale {
  /** Pods that still exist, those on their way out included. */
  readonly pods: number;
  /** What its Deployment says of the Secrets that its pods were started with; absent: nothing yet. */
  readonly secrets?: SecretMarks;
}

/** A NetworkPolicy of the agent, and what needs it. */
export interface PolicyState {
  readonly name: string;
  /** Pods that it is for, those on their way out included. */
  readonly pods: number;
  /** Revisions whose Deployment makes such pods. */
  readonly revisions: readonly string[];
  /** How long this process has seen neither such pods nor such a Deployment, milliseconds; 0 where there are any. */
  readonly unusedMs: number;
}

/** Pods that have not been told to end: those that answer requests, or may. */
export interface StandingPods {
  readonly pods: number;
  readonly ready: number;
}

/** A model that nobody knows the price of. */
export interface UnpricedModel {
  readonly provider: string;
  readonly model: string;
  /** Models that have a price. */
  readonly priced: readonly string[];
}

/** The very objects that were looked at: what is removed is removed as it was then, or not at all. */
export interface SeenObjects {
  /** By revision. */
  readonly deployments: ReadonlyMap<string, Deployment>;
  /** By name. */
  readonly policies: ReadonlyMap<string, NetworkPolicy>;
}

/** What there is to divide the traffic by. */
export interface Routing extends RouteObservation {
  /** Revisions that have a Service of their own. */
  readonly services: ReadonlySet<string>;
}

/** All that a decision about one agent depends on. */
export interface AgentObservation {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly agent: AgentDeployment;
  readonly desired: DesiredRevision;
  /** Until when more of the change may come that `desired` has come about by, epoch milliseconds; absent: it is whole. */
  readonly settlesAt?: number;
  /** That as many releases start now as may at once; absent: this one may. */
  readonly turns?: TakenTurns;
  readonly releases: readonly Release[];
  readonly runs: ReadonlyMap<string, EvalRun>;
  readonly suites: ReadonlyMap<string, EvalSuite>;
  /** By name, those that the runs were begun with; absent: none is followed. */
  readonly providers?: ReadonlyMap<string, ModelProvider>;
  /** Stored revisions by name. */
  readonly records: ReadonlyMap<string, RevisionRecord>;
  /** Absent: no ConfigMap of a revision is stored. */
  readonly pinned?: PinnedContent;
  /** Versions of the Secrets that pods of the agent use, those that exist; absent: they are not watched. */
  readonly secretVersions?: ReadonlyMap<string, SecretVersion>;
  /** Revisions that have a Deployment, by name. */
  readonly revisions: ReadonlyMap<string, RevisionState>;
  /** Pods of each revision that has any, with a Deployment or without. */
  readonly standing: ReadonlyMap<string, StandingPods>;
  readonly policies: readonly PolicyState[];
  /** Of revisions whose pods, or those that a Deployment is about to make, have no NetworkPolicy; absent: of none. */
  readonly withoutPolicy?: readonly RevisionRecord[];
  readonly seen: SeenObjects;
  /** Revisions that have an HPA. */
  readonly autoscalers: ReadonlySet<string>;
  readonly routing: Routing;
  /** Other agents of the namespace, where this one depends on any or belongs to a group; by name. */
  readonly neighbours: Neighbours;
  /** What its rollout names and belongs to other shards, or to nobody; absent: it names nobody, or nobody was asked. */
  readonly elsewhere?: Elsewhere;
  /** The freeze that holds releases now. */
  readonly freeze?: Hindrance;
  /** That what the objectives of the spec are counted from is not there, and never will be by itself; absent: it is, or there are none. */
  readonly metricsSource?: Hindrance;
  /** What the ModelProvider has prices for, where an objective is about cost and the agent's model is not among it. */
  readonly unpriced?: UnpricedModel;
  /** That the pods of the stable revision do not reach their model provider, in words for people; absent: they do, or it is not known. */
  readonly providerCutOff?: string;
  /** What was made by hand and is to be taken over; absent: nothing. */
  readonly adoption?: AdoptionObservation;
  /** What the stable pods have counted, where they were read for the forecast of the next release in this look. */
  readonly stableReading?: StableReading;
  /** Evidence of the active release's step, this look included. */
  readonly evidence?: NonNullable<ReleaseStatus['evidence']>;
  /** Since when this process counts it, milliseconds since the epoch; absent: since it began. */
  readonly evidenceFrom?: number;
}
