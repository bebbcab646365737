import type { EvalRun, EvalRunStatus, EvalSuite, Release } from '@sluice/crds';
import type { ConfigMap, Job, NetworkPolicy, Pod } from '@sluice/kube';
import type { SampleResult } from '@sluice/evals/results';
import type { RevisionRecord } from '../revision/record.ts';
import type { ModelPrices } from './judge-price.ts';
import type { Chunk, ToldResults } from './kept.ts';

/** What a run needs to know of the revision that it proves. */
export interface ProvenRevision extends Pick<RevisionRecord, 'podTemplate' | 'egress' | 'bundle'> {
  /** Name of the ModelProvider that names the Secret of its key; absent: not known. */
  readonly provider?: string | undefined;
  /** `Missing`: the Secret of its key does not exist. Absent: it is there, there is none, or Secrets are not followed. */
  readonly keySecret?: 'Missing' | undefined;
  /** What the models of its ModelProvider cost today. */
  readonly prices?: ModelPrices | undefined;
  /** Its ModelProvider today; absent: there is none. */
  readonly modelProvider?: EvalRunStatus['modelProvider'];
}

/** Results of each sample, by sample; undefined: some of those that were kept are gone. */
export interface KeptPair {
  readonly canary: ReadonlyMap<string, SampleResult> | undefined;
  readonly baseline: ReadonlyMap<string, SampleResult> | undefined;
}

/** All that the decision about a run depends on. */
export interface EvalRunObservation {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly evalRun: EvalRun;
  /** The objects of the run's own name, whoever owns them. */
  readonly configMap?: ConfigMap | undefined;
  readonly networkPolicy?: NetworkPolicy | undefined;
  readonly job?: Job | undefined;
  /** Those that carry the run's label. */
  readonly pods: readonly Pod[];
  readonly suite?: EvalSuite | undefined;
  /** Undefined as long as the revision has no record. */
  readonly revision?: ProvenRevision | undefined;
  /** What the suite's files lack; absent: they are there, or are not looked for any more. */
  readonly lackingFile?: string | undefined;
  /** The release that the run gates, as far as it is seen. */
  readonly release?: Release | undefined;
  /** What the pod of the run tells at this look. */
  readonly told?: ToldResults | undefined;
  /** The run of the stable revision, where the run is compared with one. */
  readonly baseline?: EvalRun | undefined;
  /** The revision that the baseline is of, where its record is there. */
  readonly stable?: Pick<ProvenRevision, 'bundle'> | undefined;
  /** The kept results of both, once both runs are over. */
  readonly kept?: KeptPair | undefined;
  /** What the judge of the suite said of its examples in other runs, as lines; looked for when the run is about to start. */
  readonly settledTrials?: string | undefined;
}

/** What to do, in this order: create, delete, write the status. Nothing set: nothing to do. */
export interface EvalRunDecision {
  readonly configMap?: ConfigMap;
  /** Results, to be made before the status that counts it. */
  readonly chunk?: Chunk;
  /** As it shall be; before the Job, so that no pod of a run is ever without it. */
  readonly networkPolicy?: NetworkPolicy;
  readonly job?: Job;
  readonly deleteJob?: Job;
  /** The whole status; to be written only when it differs from the present one. */
  readonly status?: EvalRunStatus;
  /** When to look again though nothing was seen to change. */
  readonly requeueAfterMs?: number;
}

/** One reason to decide; undefined hands on to the next. */
export type EvalRunRule = (observation: EvalRunObservation) => EvalRunDecision | undefined;
